import { expect, it } from 'vitest';
import { boundedNames } from '../../../../local/metrics/bounded-names.ts';

it('gives so many names a series of their own, and the rest one together', () => {
  const nameOf = boundedNames(2);
  expect(['a', 'b', 'c', 'a', 'd', 'b'].map(nameOf)).toEqual(['a', 'b', '(other)', 'a', '(other)', 'b']);
});
