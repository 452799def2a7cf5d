/** Faults from zod: every one, with its path. */

import type * as z from 'zod';
import { type Fault, listedFaults } from './errors.ts';

/** Characters of a name in a path: a stranger's may have millions, and stands in the path of every fault below it. */
const mostOfName = 200;

const nameText = (part: PropertyKey): string => {
  const name = String(part);
  return name.length <= mostOfName ? name : `${name.slice(0, mostOfName)}…`;
};

/** `['steps', 2, 'id']` as `steps[2].id`; the whole value as ``. */
export const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? nameText(part) : `${text}.${nameText(part)}`;
  }, '');

/** The faults of the alternative that fits best: the one whose fault lies deepest. A union with words of its own has them. */
function faultsOfUnion({ path, errors, message }: z.core.$ZodIssueInvalidUnion): Fault[] {
  const depthOf = (issues: readonly z.core.$ZodIssue[]): number =>
    Math.max(...issues.map((issue) => issue.path.length));
  const closest = errors.reduce<readonly z.core.$ZodIssue[]>(
    (best, issues) =>
      issues.length > 0 && (best.length === 0 || depthOf(issues) > depthOf(best)) ? issues : best,
    [],
  );
  if (message !== 'Invalid input' || closest.length === 0) return [{ path: pathText(path), message }];
  return closest.flatMap((issue) => faultsOfIssue({ ...issue, path: [...path, ...issue.path] }));
}

function faultsOfIssue(issue: z.core.$ZodIssue): Fault[] {
  if (issue.code === 'invalid_union') return faultsOfUnion(issue);
  if (issue.code === 'invalid_key') return [{ path: pathText(issue.path), message: wrongName(issue) }];
  if (issue.code !== 'unrecognized_keys') return [{ path: pathText(issue.path), message: messageOf(issue) }];
  const base = pathText(issue.path);
  return issue.keys.map((key) => ({
    path: base === '' ? nameText(key) : `${base}.${nameText(key)}`,
    message: 'is not a known field',
  }));
}

const notThere = /^Invalid input: expected .+, received undefined$/;
const noNumber = 'Invalid input: expected number, received NaN';

/** A field that is missing is no value of a wrong kind, and a text of the environment is no NaN. */
function messageOf({ path, message }: z.core.$ZodIssue): string {
  if (path.length > 0 && notThere.test(message)) return 'is required';
  return message === noNumber ? 'must be a number' : message;
}

/** What a name of the caller's choosing has to be. */
const wrongName = ({ issues }: z.core.$ZodIssueInvalidKey): string =>
  `is not a name for it: ${issues.map(({ message }) => message).join('; ')}`;

export const faultsOf = (error: z.core.$ZodError): Fault[] => error.issues.flatMap(faultsOfIssue);

/** Faults in one line, for a message: the first few, and how many more there are. */
export function faultsText(faults: readonly Fault[]): string {
  const shown = listedFaults(faults.slice(0, 3)).map(({ path, message }) =>
    path === '' ? message : `${path}: ${message}`,
  );
  const more = faults.length - shown.length;
  return shown.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

/** Warnings are shown beside a result, so bounded. */
const most = 20;

/** At most twenty, and how many more there are. */
export function boundedWarnings(warnings: readonly Fault[]): Fault[] {
  const more = warnings.length - most;
  return more > 0 ? [...warnings.slice(0, most), { path: '', message: `and ${more} more` }] : [...warnings];
}
