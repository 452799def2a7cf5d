/** What a call needs to know of the versions of a service: kept beside its instances, so that one query finds a target. */
import * as z from 'zod';
import { AuthScheme, type Credential } from '../../../transport/model/credential.ts';
import { isDriven } from './driver.ts';
import { HealthCheck } from './health-check.ts';
import { Limits, Transport } from './service-terms.ts';
import type { ServiceRecord } from './services.ts';

export const Route = z.object({
  revision: z.number().int(),
  versions: z.array(
    z.object({
      version: z.string(),
      transport: Transport,
      url: z.string().optional(),
      limits: Limits.optional(),
      trustHints: z.boolean().optional(),
      authReference: z.string().optional(),
      authScheme: AuthScheme.optional(),
      /** Whether something starts and stops its instances, so that its url is only theirs. */
      driven: z.boolean().optional(),
      /** As it was registered. */
      healthCheck: HealthCheck.optional(),
      tags: z.array(z.string()),
      registeredAt: z.string(),
    }),
  ),
});
export type Route = z.infer<typeof Route>;
export type RouteVersion = Route['versions'][number];

export const routeOf = ({ revision, versions }: ServiceRecord): Route => ({
  revision,
  versions: versions.map((service) => {
    const { version, transport, url, limits, trustHints, driver, healthCheck, tags, registeredAt } = service;
    const { authReference, authScheme } = service;
    return {
      version,
      transport,
      tags,
      registeredAt,
      ...(url !== undefined && { url }),
      ...(limits && { limits }),
      ...(trustHints === true && { trustHints }),
      ...(isDriven(driver) && { driven: true }),
      ...(healthCheck && { healthCheck }),
      ...(authReference !== undefined && { authReference }),
      ...(authScheme && { authScheme }),
    };
  }),
});

/** What requests to a version carry, if it wants to see anything. */
export const credentialOf = ({
  authReference: reference,
  authScheme: scheme = { kind: 'bearer' },
}: Pick<RouteVersion, 'authReference' | 'authScheme'>): Credential | undefined =>
  reference === undefined ? undefined : { reference, scheme };

/** What requests to a version of a service carry. */
export function credentialIn(
  { versions }: { readonly versions: readonly RouteVersion[] },
  version: string,
): Credential | undefined {
  const known = versions.find((one) => one.version === version);
  return known && credentialOf(known);
}
