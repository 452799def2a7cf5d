/** Values of a dry run: some are not known, since nobody was called. */

/** Stands for a value that is not known, and says which results it would take to know it. */
export class Unknown {
  /** What stands in its place when it is shown: the expression, as it is written. */
  readonly text: string;
  /** Paths of steps, and items of a forEach. */
  readonly needs: readonly string[];
  constructor(text: string, needs: Iterable<string>) {
    this.text = text;
    this.needs = [...new Set(needs)];
  }
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !(value instanceof Unknown);

/** The value with something else for each unknown part. */
function replaced(value: unknown, by: (unknown: Unknown) => unknown): unknown {
  if (value instanceof Unknown) return by(value);
  if (Array.isArray(value)) return value.map((item) => replaced(item, by));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, replaced(part, by)]));
}

/** As it is shown: with the text of each expression whose value is not known. */
export const unknownAsText = (value: unknown): unknown => replaced(value, ({ text }) => text);

/** With null for each unknown part. */
export const unknownAsNull = (value: unknown): unknown => replaced(value, () => null);

/** What it would take to know all of it, each once. */
export function needsOf(value: unknown): string[] {
  const needs = new Set<string>();
  replaced(value, (unknown) => {
    for (const need of unknown.needs) needs.add(need);
    return null;
  });
  return [...needs];
}
