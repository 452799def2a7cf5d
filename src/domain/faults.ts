/** Faults from zod: every one, with its path. */
import type * as z from 'zod';
import type { Fault } from './errors.ts';

/** `['steps', 2, 'id']` as `steps[2].id`; the whole value as ``. */
export const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');

const faultsOfIssue = (issue: z.core.$ZodIssue): Fault[] => {
  if (issue.code !== 'unrecognized_keys') return [{ path: pathText(issue.path), message: issue.message }];
  return issue.keys.map((key) => ({ path: pathText([...issue.path, key]), message: 'is not a known field' }));
};

export const faultsOf = (error: z.core.$ZodError): Fault[] => error.issues.flatMap(faultsOfIssue);

/** Faults in one line, for a message: the first few, and how many more there are. */
export function faultsText(faults: readonly Fault[]): string {
  const shown = faults
    .slice(0, 3)
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  const more = faults.length - shown.length;
  return shown.join('; ') + (more > 0 ? `; and ${more} more` : '');
}
