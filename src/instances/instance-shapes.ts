/** What the operations on instances share. */
import * as z from 'zod';
import { OrchestratorError } from '../base/errors.ts';
import { unknownService } from '../registry/services/model/service-reference.ts';
import { Name } from '../registry/services/model/service-terms.ts';
import type { InstanceOperationContext } from './context.ts';
import { Report, type ServiceInstances } from './model/instances.ts';

export const Place = z.strictObject({
  service: Name.describe('Name of the service'),
  id: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/,
      'must hold 1 to 128 of A-Z, a-z, 0-9 and ._:@-, and begin with a letter or digit',
    )
    .describe('Name of the instance, unique in its service; the same again is the same instance'),
});

export const Reported = Report.default('HEALTHY').describe('How the instance says it is');

export async function requireInstances(
  { instances }: InstanceOperationContext,
  name: string,
): Promise<ServiceInstances> {
  const service = await instances.ofService(name, { consistent: true });
  return service ?? Promise.reject(unknownService(name));
}

export const unknownInstance = (service: string, id: string): OrchestratorError =>
  new OrchestratorError(
    'instance.not-found',
    `${service} has no instance ${id} (its lease may have run out long ago); register it with register_instance`,
  );

/** Of a service whose instances are started and stopped here, nobody can register what is missing. */
export const noSuchInstance = (
  { name, lifecycle }: Pick<ServiceInstances, 'name' | 'lifecycle'>,
  id: string,
): OrchestratorError =>
  lifecycle
    ? new OrchestratorError('instance.not-found', `${name} has no instance ${id}; list_instances shows them`)
    : unknownInstance(name, id);
