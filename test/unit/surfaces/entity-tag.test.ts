import { expect, it } from 'vitest';
import { revisionIn } from '../../../src/surfaces/entity-tag.ts';

it.each(['"1764000000123"', '1764000000123', ' "1764000000123" '])('reads the revision in %s', (header) => {
  expect(revisionIn(header)).toBe(1_764_000_000_123);
});

it.each([
  ['*', /would overwrite what nobody has read/],
  ['W/"12"', /a weak tag/],
  ['"12", "13"', /only one can have been read/],
  ['"12', /has to be a number/],
  ['abc', /has to be a number/],
  ['', /has to be a number/],
])('refuses %s, and says why', (header, message) => {
  expect(revisionIn(header)).toEqual({ path: 'revision', message: expect.stringMatching(message) });
});
