/** What the operations on services share: shapes, and the version of a service that is asked for. */
import * as z from 'zod';
import { OrchestratorError } from '../../base/errors.ts';
import type { RegistryContext } from '../context.ts';
import { unknownService } from './model/service-reference.ts';
import { Name } from './model/service-terms.ts';
import { type Service, type ServiceRecord, versionOf, versionsOf } from './model/services.ts';
import { ShownService, serviceToShown } from './model/shown-service.ts';

export const ServiceName = Name.describe('Name of the service');
export const Revision = z.number().int().describe('Grows with each change of any version');

export const Shown = ShownService.extend({
  revision: Revision,
  versions: z.array(z.string()).describe('All registered versions, lowest first'),
});

export const recordToShown = (record: ServiceRecord, versionRange: string): z.infer<typeof Shown> => ({
  ...serviceToShown(wantedVersion(record, versionRange)),
  revision: record.revision,
  versions: versionsOf(record),
});

export async function requireService(
  { services }: Pick<RegistryContext, 'services'>,
  name: string,
): Promise<ServiceRecord> {
  const record = await services.get(name, { consistent: true });
  return record ?? Promise.reject(unknownService(name));
}

export function wantedVersion(record: ServiceRecord, versionRange: string): Service {
  const service = versionOf(record, versionRange);
  if (service) return service;
  throw new OrchestratorError(
    'service.not-found',
    `${record.name} has no version in ${versionRange}; it has ${versionsOf(record).join(', ')}`,
  );
}
