/** Finds the service that a call names. Registrations are read at most every few seconds in one container. */

import type { Clock } from '../domain/clock.ts';
import { OrchestratorError } from '../domain/errors.ts';
import type { Service } from '../domain/services.ts';
import type { ServiceStore } from '../stores/services.ts';

const keptMs = 3000;

export type ResolveService = (name: string) => Promise<Service>;

/** Throws `service.not-found`; that answer is never kept. */
export function createServiceResolver(services: Pick<ServiceStore, 'get'>, clock: Clock): ResolveService {
  const known = new Map<string, { service: Service; until: number }>();
  return async (name) => {
    const kept = known.get(name);
    if (kept && kept.until > clock.now()) return kept.service;
    const service = await services.get(name);
    if (!service) {
      known.delete(name);
      throw new OrchestratorError(
        'service.not-found',
        `There is no service ${name}; register it with register_service`,
      );
    }
    known.set(name, { service, until: clock.now() + keptMs });
    return service;
  };
}
