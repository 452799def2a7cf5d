/** JSON Schema 2020-12, loaded when the first schema is checked; what runs regular expressions only for one that has some. */
import { type CountedFaults, countedFaults, type Fault } from '../base/errors.ts';
import type { Matching } from './model/value-faults.ts';

export interface ForeignFaults {
  readonly faults: Fault[];
  /** The patterns that something was to be held against, and that could not be run. */
  readonly skipped: string[];
  /** Why the schema could not be used at all, such as one of a dialect that nobody knows here. */
  readonly unchecked?: string;
}

export interface SchemaChecker {
  /** The faults of a value against a schema of ours, with paths; at most a hundred, and how many there are besides. */
  valueFaults(schema: Record<string, unknown>, value: unknown): CountedFaults;
  /** The same with a schema of a service: of draft-06 or later, whose patterns are run in linear time or not at all. */
  foreignFaults(schema: Record<string, unknown>, value: unknown): ForeignFaults;
  /** Why a schema is not one, with paths in it; no faults when it is. */
  schemaFaults(schema: unknown): CountedFaults;
}

/** For one schema, or for any when none is given: most containers never need one. */
export type LoadSchemaChecker = (about?: unknown) => Promise<SchemaChecker>;

type Linear = typeof import('./linear-pattern.ts').linearPattern;

export const loadSchemaChecker: LoadSchemaChecker = async (about) => {
  const [
    { boundedCheck },
    { isSchema, readSchema },
    { countedValueFaults },
    { patternsIn },
    { inNewestDraft },
  ] = await Promise.all([
    import('./bounded-check.ts'),
    import('./model/read-schema.ts'),
    import('./model/value-faults.ts'),
    import('./model/patterns.ts'),
    import('./model/earlier-drafts.ts'),
  ]);
  const linear = mayHavePatterns(about) ? (await import('./linear-pattern.ts')).linearPattern : none;
  const check = (schema: Record<string, unknown>, value: unknown, matching: Matching): CountedFaults => {
    const document = readSchema(schema);
    const [fault] = document.faults;
    if (fault !== undefined) throw new Error(`its schema is none: ${fault.path}: ${fault.message}`);
    const { faults, more } = countedValueFaults(document, value, matching);
    return countedFaults(faults, more);
  };
  return {
    valueFaults(schema, value) {
      try {
        return boundedCheck(() => check(schema, value, (pattern, text) => matches(linear, pattern, text)));
      } catch (error) {
        return countedFaults([{ path: '', message: `cannot be checked: ${reasonOf(error)}` }]);
      }
    },
    foreignFaults(schema, value) {
      const skipped = new Set<string>();
      const matching: Matching = (pattern, text) => {
        const run = linear(pattern);
        if (run === undefined) skipped.add(pattern);
        return run?.(text);
      };
      try {
        const { errors: faults } = boundedCheck(() => check(inNewestDraft(schema), value, matching));
        return { faults, skipped: [...skipped] };
      } catch (error) {
        return { faults: [], skipped: [...skipped], unchecked: reasonOf(error) };
      }
    },
    schemaFaults(schema) {
      if (!isSchema(schema) || typeof schema === 'boolean')
        return countedFaults([{ path: '', message: 'must be an object' }]);
      try {
        return boundedCheck(() => {
          const patterns = patternsIn(schema);
          const long = patterns.filter(({ source }) => source.length > longestPattern);
          if (long.length > 0) return countedFaults(long.map(({ path }) => ({ path, message: tooLong })));
          const { faults, more } = readSchema(schema);
          if (faults.length > 0) return countedFaults(faults, more);
          const unknown = patterns.filter(({ source }) => linear(source) === undefined);
          return countedFaults(unknown.map(({ path }) => ({ path, message: notLinear })));
        });
      } catch (error) {
        return countedFaults([{ path: '', message: `cannot be read: ${reasonOf(error)}` }]);
      }
    },
  };
};

/** Node reads a long one in a time that nothing can end. */
const longestPattern = 10_000;
const tooLong = `is a regular expression of more than ${longestPattern} characters`;
const notLinear =
  'is a regular expression that cannot be run in a bounded time: write it without lookaround, references back and counts over 1000';

const none: Linear = () => undefined;

/** A schema that is nested too deeply to be written is refused before any expression of it is run. */
function mayHavePatterns(about: unknown): boolean {
  try {
    return about === undefined || JSON.stringify(about).includes('"pattern');
  } catch {
    return true;
  }
}

/** A definition of the time before may hold what cannot be run in linear time: it is run as it was, for a second at most. */
const matches = (linear: Linear, pattern: string, text: string): boolean =>
  (linear(pattern) ?? ((whole: string) => new RegExp(pattern, 'u').test(whole)))(text);
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
