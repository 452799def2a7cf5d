/** Lists the versions of a service. */

import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import { versionsOf } from '../services/model/services.ts';
import { ShownService, serviceToShown } from '../services/model/shown-service.ts';
import { Revision, requireService, ServiceName } from '../services/service-shapes.ts';
import type { RegistryOperationContext } from './context.ts';

export const listServiceVersions = defineOperation({
  id: 'list_service_versions',
  summary: 'List the versions of a service, lowest first, each with its registration',
  input: z.strictObject({ name: ServiceName }),
  output: z.object({ name: z.string(), revision: Revision, versions: z.array(ShownService) }),
  errors: ['service.not-found'],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/services/{name}/versions', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: RegistryOperationContext, { name }) {
    const record = await requireService(context, name);
    const versions = versionsOf(record).flatMap((version) =>
      record.versions.filter((one) => one.version === version),
    );
    return { name, revision: record.revision, versions: versions.map(serviceToShown) };
  },
});
