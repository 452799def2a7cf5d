/** What the operations on services share: shapes, and the version of a service that is asked for. */
import * as z from 'zod';
import { OrchestratorError } from '../domain/errors.ts';
import { Name } from '../domain/service-terms.ts';
import { Service, type ServiceRecord, versionOf, versionsOf } from '../domain/services.ts';
import { unknownService } from '../registry/unknown-service.ts';
import type { OperationContext } from './context.ts';

export const ServiceName = Name.describe('Name of the service');
export const Revision = z.number().int().describe('Grows with each change of any version');

export const Shown = Service.extend({
  revision: Revision,
  versions: z.array(z.string()).describe('All registered versions, lowest first'),
});

export const recordToShown = (record: ServiceRecord, versionRange: string): z.infer<typeof Shown> => ({
  ...wantedVersion(record, versionRange),
  revision: record.revision,
  versions: versionsOf(record),
});

export async function existing(
  { services }: Pick<OperationContext, 'services'>,
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
