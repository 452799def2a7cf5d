/** Removes a service, or one version of it. */

import * as z from 'zod';
import { OrchestratorError } from '../../base/errors.ts';
import { lineOfText } from '../../base/plain-text.ts';
import { defineOperation } from '../../operation/operation.ts';
import { unknownService } from '../services/model/service-reference.ts';
import { Version } from '../services/model/service-terms.ts';
import { removeService } from '../services/remove-service.ts';
import { Revision, ServiceName } from '../services/service-shapes.ts';
import type { RegistryOperationContext } from './context.ts';

export const deregisterService = defineOperation({
  id: 'deregister_service',
  summary: 'Remove a service, or one version of it, with its instances; refused while others need it',
  input: z
    .strictObject({
      name: ServiceName,
      version: Version.optional().describe('All versions when left out'),
      revision: Revision.optional().describe(
        'The revision that was read; also as If-Match. Another one is refused',
      ),
      force: z.boolean().default(false).describe('Remove it even while others need it; needs a reason'),
      dryRun: z
        .boolean()
        .default(false)
        .describe('Only say what would be removed, or why it would be refused'),
      reason: lineOfText(500).optional().describe('Why it is removed by force; goes to the log'),
    })
    .refine(({ force, reason }) => !force || reason !== undefined, {
      path: ['reason'],
      error: 'is needed with force: say why it is removed while others may need it',
    }),
  output: z.object({
    name: z.string(),
    removed: z.array(z.string()).describe('The versions that were removed, or would be'),
    dryRun: z.literal(true).optional().describe('Nothing was removed'),
  }),
  errors: [
    'service.not-found',
    'service.in-use',
    'service.changed',
    'service.managed-by-manifest',
    'registry.conflict',
  ],
  access: 'operator',
  http: { method: 'DELETE', path: '/v1/services/{name}', status: 200 },
  hints: { readOnly: false, destructive: true, idempotent: false },
  async run(context: RegistryOperationContext, { name, version, revision, force, dryRun, reason }, caller) {
    const removing = { name, version, managedBy: 'api', force, dryRun, seenRevision: revision } as const;
    const removed = await removeService(context, removing);
    if (dryRun && removed.length > 0) return { name, removed, dryRun };
    if (force && removed.length > 0)
      context.log.warn('service removed by force', { service: name, removed, reason, caller: caller.id });
    if (removed.length > 0) return { name, removed };
    throw version === undefined ? unknownService(name) : unknownVersion(name, version);
  },
});

const unknownVersion = (name: string, version: string): OrchestratorError =>
  new OrchestratorError(
    'service.not-found',
    `There is no version ${version} of a service ${name}; list_service_versions shows them`,
  );
