/**
 * What the manifest that was applied last named: so that what it does not name any more is removed, and what was
 * changed since is noticed. A deployment does not write it: CloudFormation remembers its manifest.
 */
import * as z from 'zod';

/** A hash of each resource as it was applied; an empty one where that is not known to have ended. */
const Hashes = z.record(z.string(), z.string());

const AppliedBy = z.enum(['start', 'api']);
export type AppliedBy = z.infer<typeof AppliedBy>;

export const AppliedManifest = z.object({
  revision: z.number().int(),
  appliedAt: z.string(),
  /** By the start of local mode only, or by a call of the API at some time. */
  appliedBy: AppliedBy,
  /** By `<name>@<version>`. */
  services: Hashes,
  workflows: Hashes,
});
export type AppliedManifest = z.infer<typeof AppliedManifest>;

/** As much of a hash as notices a change, and leaves room for many. */
export const remembered = (hash: string): string => hash.slice(0, 16);

export const serviceId = ({ name, version }: { name: string; version: string }): string =>
  `${name}@${version}`;

export function fromServiceId(id: string): { name: string; version: string } {
  const at = id.indexOf('@');
  return { name: id.slice(0, at), version: id.slice(at + 1) };
}
