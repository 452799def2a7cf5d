/**
 * Decides whether a definition is valid and names every fault at its path. What it accepts compiles to a
 * state machine that Step Functions takes; unknown services are faults only when the services are given.
 */
import type { CountedFaults, Fault } from '../../base/errors.ts';
import { parseInput } from '../../base/parse-input.ts';
import { directoryOf, expressionFaults } from '../definition/check-expressions.ts';
import { headerFaults } from '../definition/check-headers.ts';
import { nameFaults } from '../definition/check-names.ts';
import { type KnownServices, serviceFaults, workflowFaults } from '../definition/check-services.ts';
import { WorkflowDefinition } from '../definition/definition.ts';
import { amountFaults, definitionSizeFault } from '../definition/definition-size.ts';
import { withoutNullFields } from '../definition/drop-null-fields.ts';
import { readableParts } from '../definition/readable-parts.ts';
import { walkSteps } from '../definition/steps.ts';
import { structureFaults } from '../definition/structure-faults.ts';
import { sitesOf } from '../definition/visibility.ts';
import { compileWorkflow } from './compile.ts';

/** What a definition is checked against, as far as it is known. */
export interface Known {
  /** The registered services; without them any service may be named. */
  readonly services?: KnownServices;
  /** The defined workflows, besides the one that is checked; without them any workflow may be named. */
  readonly workflows?: ReadonlySet<string>;
  /** Why a JSON Schema is not valid, with paths in it (JSON Schema 2020-12 meta-validation). */
  readonly checkSchema?: (schema: unknown) => CountedFaults;
  /** Whether it was defined before: then it keeps what is refused in new ones only. */
  readonly stored?: boolean;
}

/** What can be read of a definition, whatever else may be wrong with it. */
export type Readable = Pick<WorkflowDefinition, 'steps' | 'output'>;

export type Validation =
  | { ok: true; definition: WorkflowDefinition }
  | { ok: false; errors: Fault[]; moreErrors?: number; readable?: Readable; tooLarge?: boolean };

/** Levels of arrays and objects. */
const MAX_DEPTH = 200;
/** CreateStateMachine takes 1,048,576 characters; the name of run-step may be as long as a Lambda ARN gets. */
const MAX_ASL_LENGTH = 1_048_576;
const longestFunctionName = 'x'.repeat(170);

/** Every fault of the definition, or the definition with its defaults filled in. */
export function validateWorkflow(input: unknown, known: Known): Validation {
  if (isDeeperThan(MAX_DEPTH, input)) {
    return { ok: false, errors: [{ path: '', message: `is nested more than ${MAX_DEPTH} levels deep` }] };
  }
  const bounds = known.stored ? undefined : boundsFaults(input);
  if (bounds) return { ok: false, ...bounds };
  const given = known.stored ? input : withoutNullFields(input);
  const parsed = parseInput(WorkflowDefinition, given);
  const shape = parsed.success ? [] : structureFaults(parsed.error.issues, given);
  const readable = parsed.success ? parsed.data : readableParts(given);
  const { errors: ofSchema, moreErrors = 0 } = schemaFaults(given, known);
  const errors = distinct([...shape, ...ofSchema, ...meaningFaults(readable, known)]);
  if (!parsed.success || errors.length > 0)
    return { ok: false, errors, readable, ...(moreErrors > 0 && { moreErrors }) };
  const size = sizeFaults(parsed.data);
  return size.length > 0 ? { ok: false, errors: size } : { ok: true, definition: parsed.data };
}

/** What is too large, or too much, is not read. */
function boundsFaults(input: unknown): { errors: Fault[]; tooLarge: boolean } | undefined {
  const tooLarge = definitionSizeFault(input);
  if (tooLarge) return { errors: [tooLarge], tooLarge: true };
  const errors = amountFaults(input);
  return errors.length > 0 ? { errors, tooLarge: false } : undefined;
}

function meaningFaults(definition: Readable, { services, workflows, stored = false }: Known): Fault[] {
  const walked = [...walkSteps(definition)];
  const directory = directoryOf(walked);
  return [
    ...nameFaults(walked),
    ...(services ? serviceFaults(walked, services) : []),
    ...(workflows ? workflowFaults(walked, workflows) : []),
    ...(stored ? [] : headerFaults(walked)),
    ...[...sitesOf(definition)].flatMap((site) => expressionFaults(site, directory)),
  ];
}

function schemaFaults(input: unknown, { checkSchema }: Known): CountedFaults {
  if (typeof input !== 'object' || input === null || !('inputSchema' in input)) return { errors: [] };
  const { inputSchema } = input;
  if (checkSchema === undefined || typeof inputSchema !== 'object' || inputSchema === null)
    return { errors: [] };
  const counted = checkSchema(inputSchema);
  const errors = counted.errors.map(({ path, message }) => ({
    path: path === '' || path.startsWith('[') ? `inputSchema${path}` : `inputSchema.${path}`,
    message,
  }));
  return { ...counted, errors };
}

function sizeFaults(definition: WorkflowDefinition): Fault[] {
  const { length } = JSON.stringify(compileWorkflow(definition, { runStepFunction: longestFunctionName }));
  if (length <= MAX_ASL_LENGTH) return [];
  return [
    {
      path: 'steps',
      message: `compiles to ${length} characters of ASL; at most ${MAX_ASL_LENGTH} are allowed`,
    },
  ];
}

/** Without recursion: what is nested too deeply would exhaust the stack of any check that recurses. */
function isDeeperThan(limit: number, input: unknown): boolean {
  let level: unknown[] = [input];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
  }
  return false;
}

const distinct = (faults: readonly Fault[]): Fault[] => [
  ...new Map(faults.map((fault) => [`${fault.path} ${fault.message}`, fault])).values(),
];
