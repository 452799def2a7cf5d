/** Shows a service, with what it lacks and how its tools were read. */
import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import type { UpstreamService } from '../mcp-registry/upstream.ts';
import { anyVersion, unknownService, VersionRange } from '../services/model/service-reference.ts';
import { ManagedBy } from '../services/model/service-terms.ts';
import type { Service } from '../services/model/services.ts';
import { recordToShown, ServiceName, Shown } from '../services/service-shapes.ts';
import { UnmetDependency, unmetDependenciesOf } from '../services/unmet-dependencies.ts';
import { ToolsShown, toolsShown } from '../tools/model/catalogue.ts';
import type { RegistryOperationContext } from './context.ts';

const Found = Shown.extend({
  ...ToolsShown.shape,
  degraded: z
    .array(UnmetDependency)
    .describe('What it requires, directly or through others, and cannot be called; empty when all is well'),
  missingOptional: z.array(UnmetDependency).describe('Optional dependencies that cannot be called'),
  managedBy: z
    .enum([...ManagedBy.options, 'upstream'])
    .describe('upstream: it is not registered here, and nothing here manages it'),
  source: z
    .enum(['registry', 'upstream'])
    .describe(
      'upstream: not registered here, but in the registry of SERVICE_REGISTRY_URL; steps cannot call it',
    ),
  upstream: z
    .object({
      registry: z.string().describe('Url of that registry'),
      server: z.string().describe('What it is called there'),
    })
    .optional(),
});

export const getService = defineOperation({
  id: 'get_service',
  summary:
    'Show a service: its highest version, or the highest one in a range; of one that is not registered, what the upstream registry says',
  input: z.strictObject({ name: ServiceName, versionRange: VersionRange.default(anyVersion) }),
  output: Found,
  errors: ['service.not-found'],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/services/{name}', status: 200 },
  resource: { key: 'name', scheme: 'service' },
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  async run(context: RegistryOperationContext, { name, versionRange }) {
    const record = await context.services.get(name, { consistent: true });
    if (record) {
      const shown = recordToShown(record, versionRange);
      const [lacking, tools] = await Promise.all([
        unmetDependenciesOf(context, shown),
        toolsOf(context, shown),
      ]);
      return { ...shown, source: 'registry' as const, ...lacking, ...tools };
    }
    const upstream = await context.findUpstream?.(name, versionRange);
    if (upstream) return upstreamToFound(upstream);
    throw unknownService(name);
  },
});

const upstreamToFound = ({ service, server, source }: UpstreamService): z.infer<typeof Found> => ({
  ...service,
  managedBy: 'upstream',
  revision: 0,
  versions: [service.version],
  source: 'upstream',
  upstream: { registry: source, server },
  degraded: [],
  missingOptional: [],
});

/** A REST service has no tools. */
async function toolsOf({ catalogues }: RegistryOperationContext, service: Service): Promise<ToolsShown> {
  if (service.transport !== 'mcp') return {};
  return toolsShown((await catalogues.get(service, { consistent: true })) ?? {});
}
