/** Reads the tools of a service again. */
import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import { Version } from '../services/model/service-terms.ts';
import type { Service } from '../services/model/services.ts';
import { requireService, ServiceName, wantedVersion } from '../services/service-shapes.ts';
import { ToolChanges, ToolsShown, toolsShown } from '../tools/model/catalogue.ts';
import { refreshCatalogue } from '../tools/refresh-catalogue.ts';
import type { RegistryOperationContext } from './context.ts';

const refreshMs = 5_000;
/** API Gateway waits 29 s for an answer. */
const refreshAllMs = 20_000;

const RefreshedVersion = ToolsShown.extend({
  version: z.string(),
  changes: ToolChanges.optional().describe('Missing when the tools could not be read'),
  warnings: z.array(z.string()),
});

export const refreshService = defineOperation({
  id: 'refresh_service',
  summary: 'Read the tools of an mcp service again, and say what has changed',
  input: z.strictObject({
    name: ServiceName,
    version: Version.optional().describe('All versions when left out'),
  }),
  output: z.object({ name: z.string(), versions: z.array(RefreshedVersion) }),
  errors: ['service.not-found'],
  access: 'operator',
  http: { method: 'POST', path: '/v1/services/{name}/refresh', status: 200 },
  hints: { readOnly: false, destructive: false, idempotent: true, openWorld: true },
  async run(context: RegistryOperationContext, { name, version }) {
    const until = context.clock.now() + refreshAllMs;
    const record = await requireService(context, name);
    const services = version === undefined ? record.versions : [wantedVersion(record, version)];
    const versions: z.infer<typeof RefreshedVersion>[] = [];
    for (const service of services)
      if (service.transport === 'mcp') versions.push(await refreshed(context, service, until));
    return { name, versions };
  },
});

async function refreshed(context: RegistryOperationContext, service: Service, untilMs: number) {
  const left = Math.min(refreshMs, untilMs - context.clock.now());
  if (left <= 0) {
    const late = 'Not read: the versions before it took too long; name this version';
    return { version: service.version, tools: 'unknown' as const, warnings: [late] };
  }
  const { version, known, changes } = await refreshCatalogue(context, service, left);
  const { catalogue, refreshError } = known;
  const failed = refreshError === undefined ? [] : [`Not read: ${refreshError}`];
  return {
    version,
    ...toolsShown(known),
    ...(changes && { changes }),
    warnings: [...failed, ...(changes ? (catalogue?.warnings ?? []) : [])],
  };
}
