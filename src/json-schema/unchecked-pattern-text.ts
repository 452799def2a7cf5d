/** What is said of a pattern in a service's schema that cannot be run in linear time. */

const shownCharacters = 100;

export const uncheckedPatternText = (pattern: string, schema: string): string =>
  `the pattern ${shown(pattern)} of ${schema} is not checked: it cannot be run in a bounded time (lookaround, references back, counts over 1000)`;

const shown = (pattern: string): string =>
  pattern.length <= shownCharacters ? pattern : `${pattern.slice(0, shownCharacters)}…`;
