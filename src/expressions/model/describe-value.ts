/** Values as messages show them: with their type, and short. */
const longestValue = 80;

/** A value with its type, short. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return `the text ${JSON.stringify(shortened(value, longestValue))}`;
  if (typeof value === 'number') return `the number ${value}`;
  if (Array.isArray(value))
    return value.length === 0 ? 'an empty array' : `an array of ${value.length}: ${shortJson(value)}`;
  if (typeof value !== 'object' || value === null) return String(value);
  const keys = Object.keys(value);
  return keys.length === 0 ? 'an empty object' : `an object with ${listed(keys)}`;
}

export const shortened = (text: string, longest: number): string =>
  text.length <= longest ? text : `${text.slice(0, longest)}…`;

const shortJson = (value: unknown): string => shortened(JSON.stringify(value), longestValue);

const mostNames = 8;

/** Names in quotes, the first of them. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).map((name) => JSON.stringify(shortened(name, 40)));
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}
