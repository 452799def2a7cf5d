/**
 * Checks arguments against the input schema of a tool (JSON Schema 2020-12). The schema comes from the
 * service: its `pattern`s are not run, as a hostile one could block the process, and nothing it refers to is
 * fetched.
 */
import type { Fault } from '../domain/errors.ts';

const schemaCharacters = 200_000;
const shownFaults = 20;

/** The faults found, at most 20; none as well when the schema cannot be used. What checks is loaded on first use. */
export async function argumentFaults(
  schema: Readonly<Record<string, unknown>>,
  values: unknown,
): Promise<Fault[]> {
  const [{ boundedCheck }, { readSchema }, { valueFaults }] = await Promise.all([
    import('./bounded-check.ts'),
    import('../domain/json-schema/read-schema.ts'),
    import('../domain/json-schema/value-faults.ts'),
  ]);
  const { $schema: _dialect, ...rules } = schema;
  try {
    return boundedCheck(() => {
      if (JSON.stringify(rules).length > schemaCharacters) return [];
      const document = readSchema(rules);
      const faults = document.faults.length > 0 ? [] : valueFaults(document, values, anything);
      return faults.slice(0, shownFaults).map(ofArguments);
    });
  } catch {
    return [];
  }
}

const anything = (): boolean => true;

const ofArguments = ({ path, message }: Fault): Fault => ({
  path: path === '' || path.startsWith('[') ? `arguments${path}` : `arguments.${path}`,
  message,
});
