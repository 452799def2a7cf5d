/**
 * Checks arguments against the input schema of a tool (JSON Schema 2020-12). The schema comes from the
 * service: its `pattern`s are run in linear time only, those that cannot be are passed over, and nothing it refers to is
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
  const matches = hasPatterns(rules) ? await linearMatches() : anything;
  try {
    return boundedCheck(() => {
      if (JSON.stringify(rules).length > schemaCharacters) return [];
      const document = readSchema(rules);
      const faults = document.faults.length > 0 ? [] : valueFaults(document, values, matches);
      return faults.slice(0, shownFaults).map(ofArguments);
    });
  } catch {
    return [];
  }
}

const anything = (): boolean => true;

function hasPatterns(rules: unknown): boolean {
  try {
    return JSON.stringify(rules).includes('"pattern');
  } catch {
    return false;
  }
}

async function linearMatches(): Promise<(pattern: string, text: string) => boolean> {
  const { linearPattern } = await import('./linear-pattern.ts');
  return (pattern, text) => (linearPattern(pattern) ?? anything)(text);
}

const ofArguments = ({ path, message }: Fault): Fault => ({
  path: path === '' || path.startsWith('[') ? `arguments${path}` : `arguments.${path}`,
  message,
});
