/** From the text of a definition to a program, or to every fault that keeps it from being one. */
import type * as z from 'zod';
import { deepestNesting, isTooDeep } from '../../../src/base/nesting.ts';
import { parseInput } from '../../../src/base/parse-input.ts';
import { checkScopes } from './check-scopes.ts';
import { type CompileOptions, compileProgram } from './compile-program.ts';
import { type DefinitionFault, pathText, schemaFault } from './fault.ts';
import type { Program } from './program.ts';
import { queryLanguageFaults } from './query-language.ts';
import { AslMachine } from './schema.ts';

export type ParsedDefinition =
  | { readonly ok: true; readonly program: Program }
  | { readonly ok: false; readonly faults: readonly DefinitionFault[] };

/** Bytes, the limit of AWS. */
const largestDefinition = 1_048_576;

const required = (path: string, names: readonly string[]): DefinitionFault =>
  schemaFault(path, `These fields are required: [${names.join(', ')}]`);

export function issueFaults(issue: z.core.$ZodIssue): DefinitionFault[] {
  const path = pathText(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) =>
      schemaFault(pathText([...issue.path, key]), `Field '${key}' is not supported`),
    );
  }
  const reasons = issue.code === 'invalid_key' ? issue.issues.map(({ message }) => message) : [issue.message];
  return [schemaFault(path, reasons.join('; '))];
}

function shapeFaults(definition: unknown): DefinitionFault[] {
  if (typeof definition !== 'object' || definition === null || Array.isArray(definition)) {
    return [schemaFault('', 'Definition must be a valid JSON object')];
  }
  const missing = ['States', 'StartAt'].filter((name) => !Object.hasOwn(definition, name));
  return missing.length > 0 ? [required('/', missing)] : queryLanguageFaults(definition);
}

export function parseJson(text: string): { value: unknown } | { faults: DefinitionFault[] } {
  if (Buffer.byteLength(text) > largestDefinition) {
    return { faults: [schemaFault('/', `The definition has more than ${largestDefinition} bytes`)] };
  }
  if (isTooDeep(text)) {
    return { faults: [schemaFault('/', `The definition is nested more than ${deepestNesting} levels deep`)] };
  }
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { faults: [{ code: 'INVALID_JSON_DESCRIPTION', message, path: '/' }] };
  }
}

export function parseDefinition(text: string, options: CompileOptions = { stored: false }): ParsedDefinition {
  const json = parseJson(text);
  if ('faults' in json) return { ok: false, faults: json.faults };
  const shape = shapeFaults(json.value);
  if (shape.length > 0) return { ok: false, faults: shape };
  const machine = parseInput(AslMachine, json.value);
  if (!machine.success) return { ok: false, faults: machine.error.issues.flatMap(issueFaults) };
  const { program, faults } = compileProgram(machine.data, options);
  const all = [...checkScopes(machine.data), ...faults];
  return all.length > 0 ? { ok: false, faults: all } : { ok: true, program };
}
