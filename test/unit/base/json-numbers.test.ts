import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedNumbers, inexactNumbers } from '../../../src/base/json-numbers.ts';

const withoutNumbers = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_key, part) => (typeof part === 'number' ? 1 : part)));

const written = (text: string) => inexactNumbers(text).map(({ path, text: number }) => [...path, number]);

describe('the numbers of a JSON text that cannot be kept exactly', () => {
  it.each([
    ['9007199254740991', []],
    ['9007199254740992', [['9007199254740992']]],
    ['-9007199254740992', [['-9007199254740992']]],
    ['12345678901234567.5', [['12345678901234567.5']]],
    ['0.12345678901234567', []],
    ['1e308', []],
    ['1E+309', [['1E+309']]],
    ['1e-400', [['1e-400']]],
    ['0e-400', []],
    ['"9007199254740993"', []],
    ['{"9007199254740993":"1e999"}', []],
    ['[[],{},{"a":[0,1e999]}]', [[2, 'a', 1, '1e999']]],
    [
      '{"a\\"b":{"\\u00e9":1e999},"c":1e999}',
      [
        ['a"b', 'é', '1e999'],
        ['c', '1e999'],
      ],
    ],
    [
      '[1e999,{"a":1e999},1e999]',
      [
        [0, '1e999'],
        [1, 'a', '1e999'],
        [2, '1e999'],
      ],
    ],
  ])('in %s are %j', (text, found) => {
    expect(written(text)).toEqual(found);
  });

  it('are found wherever they stand, with the path that leads there', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.nat(9))),
        fc.jsonValue().map(withoutNumbers),
        (path, beside) => {
          const [text] = path.reduceRight<[string]>(
            ([inner], part) =>
              typeof part === 'string'
                ? [
                    `{${JSON.stringify(`${part}\\`)}:${JSON.stringify(beside)},${JSON.stringify(part)}: ${inner} }`,
                  ]
                : [`[${`${JSON.stringify(beside)} , `.repeat(part)}${inner},null]`],
            ['-1e999'],
          );
          expect(inexactNumbers(text)).toEqual([{ path, text: '-1e999' }]);
        },
      ),
    );
  });

  it('are none in what JSON.stringify writes of numbers that are no large integers', () => {
    const small = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 });
    fc.assert(
      fc.property(fc.array(small), (numbers) => {
        expect(inexactNumbers(JSON.stringify(numbers))).toEqual([]);
      }),
    );
  });

  it('do not change where they are written again as they were', () => {
    expect(changedNumbers('[18014398509481984,100000000000000000000]')).toEqual([]);
    expect(changedNumbers('[18014398509481985]')).toEqual([{ path: [0], text: '18014398509481985' }]);
  });
});
