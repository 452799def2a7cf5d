import fc from 'fast-check';
import { expect, it } from 'vitest';
import { indentJson } from '../../../src/surfaces/indent-json.ts';

it('indents as JSON.stringify does, whatever the value is', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: 1, max: 8 }), (value, indent) => {
      expect(indentJson(JSON.stringify(value), indent)).toBe(JSON.stringify(value, null, indent));
    }),
  );
});

it('leaves numbers as they are written', () => {
  expect(indentJson('{"id":1972435959496572928,"n":[1e400,1.10]}', 2)).toBe(
    '{\n  "id": 1972435959496572928,\n  "n": [\n    1e400,\n    1.10\n  ]\n}',
  );
});

it('takes a text of a million escapes', () => {
  const value = ['\n"'.repeat(500_000)];
  expect(indentJson(JSON.stringify(value), 2) === JSON.stringify(value, null, 2)).toBe(true);
});
