/**
 * Checks arguments against the input schema of a tool (JSON Schema 2020-12). The schema comes from the
 * service: its `pattern`s are not run, as a hostile one could block the process, and nothing it refers to is
 * fetched.
 */
import type { ErrorObject } from 'ajv';
import type { Fault } from '../domain/errors.ts';

const schemaCharacters = 200_000;
const shownFaults = 20;

/** The faults found; none as well when the schema cannot be used. ajv is loaded on first use (16 ms). */
export async function argumentFaults(
  schema: Readonly<Record<string, unknown>>,
  values: unknown,
): Promise<Fault[]> {
  if (JSON.stringify(schema).length > schemaCharacters) return [];
  // A bundle gives a CommonJS module that is imported late by its default alone.
  const { Ajv2020 } = (await import('ajv/dist/2020.js')).default;
  const { $schema: _dialect, $id: _id, ...rules } = schema;
  try {
    const validate = new Ajv2020({
      strict: false,
      allErrors: true,
      logger: false,
      code: { regExp: anything },
    }).compile(rules);
    return validate(values) ? [] : (validate.errors ?? []).slice(0, shownFaults).map(toFault);
  } catch {
    return [];
  }
}

const anything = Object.assign(() => ({ test: () => true }), { code: '(() => ({ test: () => true }))' });

function toFault({ instancePath, keyword, params, message }: ErrorObject): Fault {
  const steps = instancePath.split('/').slice(1).map(unescapePointer);
  if (keyword === 'required') steps.push(String(params['missingProperty']));
  if (keyword === 'additionalProperties') steps.push(String(params['additionalProperty']));
  return { path: ['arguments', ...steps].reduce(joinPath), message: message ?? 'is not valid' };
}

const unescapePointer = (step: string) => step.replaceAll('~1', '/').replaceAll('~0', '~');
const joinPath = (path: string, step: string) =>
  /^\d+$/.test(step) ? `${path}[${step}]` : `${path}.${step}`;
