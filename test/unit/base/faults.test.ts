import { expect, it } from 'vitest';
import * as z from 'zod';
import { faultsOf, faultsText } from '../../../src/base/faults.ts';

it('gives every fault its path, an unknown field its own', () => {
  const shape = z.strictObject({ steps: z.array(z.strictObject({ id: z.string() })) });
  const parsed = shape.safeParse({ steps: [{ id: 'a' }, { id: 7, extra: 1 }], other: 1 });
  const faults = parsed.error ? faultsOf(parsed.error) : [];
  expect(faults.map(({ path }) => path)).toEqual(['steps[1].id', 'steps[1].extra', 'other']);
  expect(faults[2]?.message).toBe('is not a known field');
});

it('says of a field that is missing that it is required, and of no number that it must be one', () => {
  const shape = z.object({
    revision: z.number(),
    of: z.object({ name: z.string() }),
    PORT: z.coerce.number(),
  });
  const parsed = shape.safeParse({ of: {}, PORT: 'abc' });
  expect(parsed.error && faultsOf(parsed.error)).toEqual([
    { path: 'revision', message: 'is required' },
    { path: 'of.name', message: 'is required' },
    { path: 'PORT', message: 'must be a number' },
  ]);
  const whole = shape.safeParse(undefined);
  expect(whole.error && faultsOf(whole.error)).toEqual([
    { path: '', message: 'Invalid input: expected object, received undefined' },
  ]);
});

it('says the first three faults in one line and how many more there are', () => {
  const faults = ['a', 'b', '', 'd', 'e'].map((path) => ({ path, message: 'is wrong' }));
  expect(faultsText(faults)).toBe('a: is wrong; b: is wrong; is wrong; and 2 more');
});
