import { expect, it } from 'vitest';
import * as z from 'zod';
import { faultsOf } from '../../../src/base/faults.ts';
import { parseInput } from '../../../src/base/parse-input.ts';

const shape = z.strictObject({
  url: z.string().min(1).max(10),
  tags: z.array(z.string()).min(1).optional(),
  rest: z.unknown(),
});

it.each([
  { toString: null },
  { toString: null, valueOf: null },
  [[{ valueOf: 1, toString: 'x' }]],
  JSON.parse('{"toString": {}, "constructor": 1, "__proto__": {"toString": 1}}'),
])('names a length that cannot be compared as a fault at its path (%#)', (length) => {
  expect(() => shape.safeParse({ url: { length } })).toThrow(TypeError);
  const parsed = parseInput(shape, { url: { length }, tags: { length }, rest: 1, other: 1 });
  const faults = parsed.error ? faultsOf(parsed.error) : [];
  expect(new Set(faults.map(({ path }) => path))).toEqual(new Set(['url', 'tags', 'other']));
  expect(faults[0]).toEqual({ path: 'url', message: 'Invalid input: expected string, received object' });
});

it('gives what is valid as it is, whatever its fields are called', () => {
  const rest = JSON.parse('{"length": {"toString": null}, "__proto__": {"valueOf": null}, "constructor": 1}');
  const either = z.union([
    shape,
    z.strictObject({ url: z.record(z.string(), z.unknown()), rest: z.unknown() }),
  ]);
  const input = { url: { length: { toString: null } }, rest };
  const parsed = parseInput(either, input);
  expect(parsed.success).toBe(true);
  expect(JSON.stringify(parsed.data)).toBe(JSON.stringify(input));
});

it('throws what a shape throws of itself', () => {
  const broken = z.string().refine(() => {
    throw new Error('broken shape');
  });
  expect(() => parseInput(broken, 'x')).toThrow('broken shape');
});
