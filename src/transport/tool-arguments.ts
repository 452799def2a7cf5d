/**
 * Checks arguments against the input schema of a tool (JSON Schema from draft-06 to 2020-12). The schema comes from the
 * service: its `pattern`s are run in linear time only, those that cannot be are passed over, and nothing it refers to is
 * fetched.
 */
import type { Fault } from '../base/errors.ts';
import type { Matching } from '../json-schema/model/value-faults.ts';

const schemaCharacters = 200_000;
const shownFaults = 20;

type ToolSchema = Readonly<Record<string, unknown>>;

export interface CheckedArguments {
  /** At most 20; none as well when the schema cannot be used. */
  readonly faults: Fault[];
  /** The patterns that a text was to be held against, and that cannot be run in linear time. */
  readonly skipped: string[];
}

export const argumentFaults = async (schema: ToolSchema, values: unknown): Promise<Fault[]> =>
  (await checkArguments(schema, values)).faults;

/** What checks is loaded on first use. */
export async function checkArguments(schema: ToolSchema, values: unknown): Promise<CheckedArguments> {
  const [{ boundedCheck }, { readSchema }, { valueFaults }, { inNewestDraft }] = await Promise.all([
    import('../json-schema/bounded-check.ts'),
    import('../json-schema/model/read-schema.ts'),
    import('../json-schema/model/value-faults.ts'),
    import('../json-schema/model/earlier-drafts.ts'),
  ]);
  const skipped = new Set<string>();
  const matches = hasPatterns(schema) ? await linearMatches(skipped) : notRun;
  try {
    const faults = boundedCheck(() => {
      if (JSON.stringify(schema).length > schemaCharacters) return [];
      const { $schema: _dialect, ...rules } = inNewestDraft(schema);
      const document = readSchema(rules);
      const found = document.faults.length > 0 ? [] : valueFaults(document, values, matches);
      return found.slice(0, shownFaults).map(ofArguments);
    });
    return { faults, skipped: [...skipped].slice(0, shownFaults) };
  } catch {
    return { faults: [], skipped: [] };
  }
}

const notRun: Matching = () => undefined;

function hasPatterns(schema: unknown): boolean {
  try {
    return JSON.stringify(schema).includes('"pattern');
  } catch {
    return false;
  }
}

async function linearMatches(skipped: Set<string>): Promise<Matching> {
  const { linearPattern } = await import('../json-schema/linear-pattern.ts');
  return (pattern, text) => {
    const matching = linearPattern(pattern);
    if (matching === undefined) skipped.add(pattern);
    return matching?.(text);
  };
}

const ofArguments = ({ path, message }: Fault): Fault => ({
  path: path === '' || path.startsWith('[') ? `arguments${path}` : `arguments.${path}`,
  message,
});
