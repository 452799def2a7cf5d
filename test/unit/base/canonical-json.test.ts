import { expect, it } from 'vitest';
import { canonicalJson } from '../../../src/base/canonical-json.ts';

it('is the same whatever the order of keys, at any depth', () => {
  expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
  expect(canonicalJson({ a: null, b: [{ c: 2, d: 1 }] })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
});

it('keeps the order of arrays', () => {
  expect(canonicalJson([2, 1])).toBe('[2,1]');
});
