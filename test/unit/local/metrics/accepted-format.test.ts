import { expect, it } from 'vitest';
import { acceptedFormat } from '../../../../local/metrics/accepted-format.ts';

const open = 'application/openmetrics-text';

it.each([
  [undefined, 'prometheus'],
  ['*/*', 'prometheus'],
  ['text/plain', 'prometheus'],
  [open, 'openmetrics'],
  [`${open}; version=1.0.0; q=0.5, text/plain; q=0.3, */*`, 'openmetrics'],
  [`${open}; q=0.3, text/plain; q=0.5`, 'prometheus'],
  [`${open};q=0, */*`, 'prometheus'],
  [`${open};q=oops`, 'prometheus'],
] as const)('who accepts %s gets the format of %s', (accept, format) => {
  expect(acceptedFormat(accept)).toBe(format);
});
