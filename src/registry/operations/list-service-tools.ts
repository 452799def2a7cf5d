/** Lists the tools of a service as they were read last. */

import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import { anyVersion, VersionRange } from '../services/model/service-reference.ts';
import type { Service } from '../services/model/services.ts';
import { requireService, ServiceName, wantedVersion } from '../services/service-shapes.ts';
import {
  Catalogue,
  ServicePrompt,
  ServiceResource,
  ServiceTool,
  ToolsShown,
  toolsShown,
} from '../tools/model/catalogue.ts';
import type { RegistryOperationContext } from './context.ts';

export const listServiceTools = defineOperation({
  id: 'list_service_tools',
  summary: 'List the tools of a service with their schemas, and its resources and prompts',
  input: z.strictObject({ name: ServiceName, versionRange: VersionRange.default(anyVersion) }),
  output: z.object({
    name: z.string(),
    version: z.string(),
    tools: z
      .union([z.array(ServiceTool), z.literal('unknown')])
      .describe('unknown while they could not be read'),
    resources: z.array(ServiceResource),
    prompts: z.array(ServicePrompt),
    instance: z.string().optional().describe('The instance that they were read from'),
    refreshedAt: ToolsShown.shape.refreshedAt,
    refreshError: ToolsShown.shape.refreshError,
    warnings: Catalogue.shape.warnings,
  }),
  errors: ['service.not-found'],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/services/{name}/tools', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: RegistryOperationContext, { name, versionRange }) {
    const service = wantedVersion(await requireService(context, name), versionRange);
    if (service.transport !== 'mcp')
      return { name, version: service.version, tools: [], resources: [], prompts: [], warnings: [] };
    const known = (await context.catalogues.get(service, { consistent: true })) ?? {};
    const { catalogue, instance } = known;
    return {
      name,
      version: service.version,
      resources: catalogue?.resources ?? [],
      prompts: catalogue?.prompts ?? [],
      ...toolsShown(known),
      tools: catalogue?.tools ?? ('unknown' as const),
      warnings: catalogue?.warnings ?? [unknownTools(service)],
      ...(instance !== undefined && { instance }),
    };
  },
});

const unknownTools = ({ name, version }: Service): string =>
  `The tools of ${name} ${version} could not be read yet; refresh_service reads them at once and says what is wrong`;
