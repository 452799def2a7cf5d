/** Regular expressions in linear time mean what ECMAScript means by them, with its flag u. */
import { describe, expect, it } from 'vitest';
import { linearPattern } from '../../../src/json-schema/linear-pattern.ts';

const matches = (pattern: string, text: string): boolean | undefined => linearPattern(pattern)?.(text);

describe('a regular expression', () => {
  it.each<[string, string, boolean]>([
    ['b', 'abc', true],
    ['^a$', 'a', true],
    ['^a$', 'a\n', false],
    ['^a$', 'b\na', false],
    ['^.$', '\u{1F600}', true],
    ['^.$', '\n', false],
    ['^.$', '\r', false],
    ['^.$', '\u2028', false],
    ['^[.]$', '\r', false],
    ['^[.]$', '.', true],
    ['^\\.$', 'a', false],
    ['^[^]$', '\n', true],
    ['^\\d$', '7', true],
    ['^\\d$', '\u0667', false],
    ['^\\w$', '\u00e9', false],
    ['^\\s$', '\u00a0', true],
    ['^\\s$', '\ufeff', true],
    ['^\\s$', '\u2003', true],
    ['^\\s$', '\u000b', true],
    ['^\\s$', '\u200b', false],
    ['^[\\s,]$', '\u00a0', true],
    ['^\\S$', '\u00a0', false],
    ['^\\S$', 'a', true],
    ['^[\\b]$', '\b', true],
    ['\\bfoo\\b', 'a foo b', true],
    ['^\\p{Letter}cole$', '\u00e9cole', true],
    ['^\\p{L}+$', '\u00e9\u0416', true],
    ['^\\P{Lu}$', 'A', false],
    ['^\\p{Script=Greek}$', '\u03b1', true],
    ['^\\p{gc=Nd}$', '\u0667', true],
    ['^\\u00e9$', '\u00e9', true],
    ['^\\u{1F600}$', '\u{1F600}', true],
    ['^\\xe9$', '\u00e9', true],
    ['^\\cC$', '\u0003', true],
    ['^\\/$', '/', true],
    ['^[a\\-z]$', '-', true],
    ['^(?<year>\\d{4})$', '2026', true],
    ['^a{2,3}?$', 'aaaa', false],
    ['^(?:a|b)+$', 'abba', true],
    ['^\\t\\v\\0$', '\t\v\0', true],
    ['', 'anything', true],
  ])('%j of %j', (pattern, text, expected) => {
    expect(new RegExp(pattern, 'u').test(text)).toBe(expected);
    expect(matches(pattern, text)).toBe(expected);
  });

  it.each(['(?=a)', '(?!a)', '(?<=a)', '(?<!a)', '(a)\\1', '(?<n>a)\\k<n>', 'a{0,1001}'])(
    '%j cannot be run in linear time',
    (pattern) => {
      expect(linearPattern(pattern)).toBeUndefined();
    },
  );

  it('ends whatever the text', () => {
    expect(matches('^(a+)+$', `${'a'.repeat(20_000)}!`)).toBe(false);
    expect(matches('(x+x+)+y', 'x'.repeat(20_000))).toBe(false);
    expect(matches('^(([a-z])+.)+[A-Z]([a-z])+$', 'a'.repeat(20_000))).toBe(false);
  });
});
