/** A service: a named thing that can be called, in one or more versions that are registered side by side. */
import * as z from 'zod';
import { AuthScheme } from '../../../transport/model/credential.ts';
import { Driver } from './driver.ts';

import { HealthCheck } from './health-check.ts';
import { Rollout } from './rollout.ts';
import { Scaling } from './scaling.ts';
import { byVersion, highestInRange } from './service-reference.ts';
import { Limits, ManagedBy, Transport, TrustHints } from './service-terms.ts';

/** What a service needs of another one. */
export const Dependency = z.object({
  service: z.string(),
  versionRange: z.string(),
  /** Without a required one the service is degraded; without an optional one it does less. */
  required: z.boolean(),
  /** Whether it may be registered later. */
  pending: z.boolean(),
});
export type Dependency = z.infer<typeof Dependency>;

/** One version of a service, as it is registered. */
export const Service = z.object({
  name: z.string(),
  version: z.string(),
  transport: Transport,
  url: z
    .string()
    .optional()
    .describe('Where the version answers as a whole; its instances register themselves'),
  description: z.string().optional(),
  healthCheck: HealthCheck.optional(),
  dependencies: z.array(Dependency),
  tags: z.array(z.string()),
  owner: z.string().optional(),
  docsUrl: z.string().optional(),
  authReference: z
    .string()
    .optional()
    .describe('Where the credential is kept that calls carry; never the credential'),
  authScheme: AuthScheme.optional().describe('How it is sent; as a bearer token when left out'),
  limits: Limits.optional(),
  trustHints: TrustHints.optional(),
  /** One that this release does not know is none: an earlier one kept whatever it was given. */
  driver: Driver.optional().catch(undefined),
  scaling: Scaling.optional(),
  rollout: Rollout.optional(),
  drainSeconds: z.number().int().optional(),
  desired: z.enum(['running', 'stopped']).optional(),
  labels: z.record(z.string(), z.string()),
  managedBy: ManagedBy,
  registeredAt: z.string().describe('ISO time of the first registration'),
  updatedAt: z.string().describe('ISO time of the last change'),
});
export type Service = z.infer<typeof Service>;

/** Everything that the registry knows of a name: its versions, and a revision that grows with each change. */
export const ServiceRecord = z.object({
  name: z.string(),
  revision: z.number().int(),
  versions: z.array(Service),
});
export type ServiceRecord = z.infer<typeof ServiceRecord>;

export const mostVersions = 50;

/** The versions of a record by number, lowest first. */
export const versionsOf = ({ versions }: Pick<ServiceRecord, 'versions'>): string[] =>
  versions.map(({ version }) => version).sort(byVersion);

/** The highest version in a range. */
export function versionOf(record: ServiceRecord, versionRange: string): Service | undefined {
  const wanted = highestInRange(versionsOf(record), versionRange);
  return record.versions.find(({ version }) => version === wanted);
}

/** The tags of any version, each once. */
export const tagsOf = ({ versions }: Pick<ServiceRecord, 'versions'>): string[] => [
  ...new Set(versions.flatMap(({ tags }) => tags)),
];

/** Revisions grow over removals too: they begin at the time, in milliseconds. */
export const nextRevision = (earlier: number | undefined, nowMs: number): number =>
  Math.max((earlier ?? 0) + 1, nowMs);
