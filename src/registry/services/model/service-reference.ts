/**
 * Which service, and which of its versions: `gmail`, or `gmail@^1.2.0` as a step or a query names it. Decides which
 * version is the best of those at hand; it does not know which of them have instances.
 */

import compare from 'semver/functions/compare.js';
import satisfies from 'semver/functions/satisfies.js';
import validRange from 'semver/ranges/valid.js';
import * as z from 'zod';
import { OrchestratorError } from '../../../base/errors.ts';

/** A range of semantic versions as npm writes them: https://github.com/npm/node-semver#ranges */
export const VersionRange = z
  .string()
  .min(1)
  .max(64)
  .refine((text) => validRange(text) !== null, 'must be a range of semantic versions, such as ^1.2.0 or 1.x')
  .describe('A range of semantic versions, such as ^1.2.0');

export const anyVersion = '*';

const form = /^([a-z][a-z0-9-]{0,62})(?:@(.+))?$/s;

/** A name, or a name with a range after `@`. */
export const ServiceReference = z
  .string()
  .max(128)
  .refine((text) => form.test(text), {
    error:
      'must be a lower-case letter, then up to 62 lower-case letters, digits or "-", then perhaps @ and a range',
    abort: true,
  })
  .refine(
    (text) => VersionRange.safeParse(parseReference(text).versionRange).success,
    'has after its @ no range of semantic versions, such as ^1.2.0 or 1.x',
  );

/** The parts of a reference; the range is `*` where none is written. */
export function parseReference(reference: string): { name: string; versionRange: string } {
  const at = reference.indexOf('@');
  if (at < 0) return { name: reference, versionRange: anyVersion };
  return { name: reference.slice(0, at), versionRange: reference.slice(at + 1) };
}

/** Whether a version is in a range. Every version is in `*`, one before a release too. */
export const inRange = (version: string, versionRange: string): boolean =>
  versionRange === anyVersion || satisfies(version, versionRange);

/** Lowest first. */
export const byVersion = (a: string, b: string): number => compare(a, b);

/** The highest version in the range; where there is a release, those before one do not count for `*`. */
export function highestInRange(versions: readonly string[], versionRange: string): string | undefined {
  const matching = versions.filter((version) => inRange(version, versionRange)).sort(byVersion);
  if (versionRange !== anyVersion) return matching.at(-1);
  return matching.findLast((version) => !version.includes('-')) ?? matching.at(-1);
}

export const unknownService = (name: string): OrchestratorError =>
  new OrchestratorError('service.not-found', `There is no service ${name}; list_services shows them`);
