/** What a registration of a service may say. */
import * as z from 'zod';
import { wholeNumber } from '../../../base/bounded-number.ts';
import { AuthReference, AuthScheme } from '../../../transport/model/credential.ts';
import { Driver } from './driver.ts';

import { HealthCheck } from './health-check.ts';
import { Rollout } from './rollout.ts';
import { Scaling } from './scaling.ts';
import { anyVersion, VersionRange } from './service-reference.ts';
import { Limits, Name, ServiceUrl, Tag, Transport, TrustHints, Version } from './service-terms.ts';

const ServiceLabels = z
  .record(
    z.string().regex(/^[A-Za-z0-9._/-]{1,63}$/, 'must hold 1 to 63 of A-Z, a-z, 0-9, ., _, / and -'),
    z.string().max(256),
  )
  .refine((labels) => Object.keys(labels).length <= 20, 'must be at most 20 labels');

const DeclaredDependency = z.strictObject({
  service: Name.describe('The service that is needed'),
  versionRange: VersionRange.default(anyVersion),
  required: z.boolean().default(true).describe('Whether the service is degraded without it'),
  pending: z.boolean().default(false).describe('Whether it may be registered later'),
});

/** Refuses a second entry for the same thing, at its own place. */
const eachOnce =
  <T>(idOf: (entry: T) => string, path: readonly string[] = []) =>
  ({ value, issues }: z.core.ParsePayload<T[]>): void => {
    const seen = new Set<string>();
    for (const [index, entry] of value.entries()) {
      const id = idOf(entry);
      if (seen.has(id))
        issues.push({
          code: 'custom',
          input: id,
          path: [index, ...path],
          message: `names ${id} a second time`,
        });
      seen.add(id);
    }
  };

/** Fields of a registration, without the refinements that look at several of them. */
export const registrationFields = {
  name: Name.describe('Name of the service, unique in the registry'),
  version: Version.default('0.0.0').describe('Semantic version'),
  transport: Transport.describe('How it is called: mcp (streamable HTTP) or rest'),
  url: ServiceUrl.optional().describe(
    'Where it answers; an mcp url without a path means /mcp. Leave it out when instances register themselves',
  ),
  description: z.string().max(500).optional().describe('What it is for'),
  healthCheck: HealthCheck.optional().describe('How it is found out whether an instance is healthy'),
  dependencies: z
    .array(DeclaredDependency)
    .max(50)
    .check(eachOnce(({ service }) => service, ['service']))
    .default([])
    .describe('The services that it needs'),
  tags: z
    .array(Tag)
    .max(20)
    .check(eachOnce((tag) => tag))
    .default([])
    .describe('Words to find it by'),
  owner: z.string().min(1).max(100).optional().describe('Who answers for it'),
  docsUrl: ServiceUrl.optional().describe('Where it is documented'),
  authReference: AuthReference.optional().describe(
    'Where the credential is kept that calls carry: secret://name, ssm:///path, env://NAME or file:///path, perhaps with #key and @host behind. Never the credential itself',
  ),
  authScheme: AuthScheme.optional().describe('How the credential is sent; as a bearer token when left out'),
  limits: Limits.optional().describe('How much it may be called'),
  trustHints: TrustHints.optional(),
  driver: Driver.optional().describe('What starts and stops its instances'),
  scaling: Scaling.optional().describe('How many instances there are'),
  rollout: Rollout.optional().describe('How its instances are replaced'),
  drainSeconds: wholeNumber({ from: 0, to: 3600, example: 30 })
    .optional()
    .describe(
      'How long an instance that is to end waits for calls that nobody knows of, as there are on AWS; 30 when left out. Calls that are known, on one machine all, are waited for until they have ended',
    ),
  desired: z
    .enum(['running', 'stopped'])
    .optional()
    .describe(
      'Whether instances are started when the service is registered first; later ones change nothing; running when left out',
    ),
  labels: ServiceLabels.default({}).describe('At most 20 labels'),
};

/** What a caller says of a version of a service. */
export const ServiceRegistration = z.strictObject(registrationFields);
export type ServiceRegistration = z.infer<typeof ServiceRegistration>;
