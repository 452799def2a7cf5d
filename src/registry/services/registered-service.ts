/** How a service is written: what register_service and update_service share. */
import * as z from 'zod';
import { ToolsShown } from '../tools/model/catalogue.ts';
import type { CatalogueContext } from '../tools/refresh-catalogue.ts';
import { toolsOfRegistration } from '../tools/tools-of-registration.ts';
import { ShownService, serviceToShown } from './model/shown-service.ts';
import type { PutService } from './put-service.ts';
import { Revision } from './service-shapes.ts';

export const RegisteredService = ShownService.extend({
  ...ToolsShown.shape,
  warnings: z.array(z.string()).optional().describe('What is wrong with it, though it is registered'),
  revision: Revision,
  created: z.boolean().describe('Whether the version was new'),
  changed: z.boolean().describe('Whether anything was changed'),
});

export async function toRegisteredService(
  context: CatalogueContext,
  { service, ...written }: PutService,
): Promise<z.infer<typeof RegisteredService>> {
  return {
    ...serviceToShown(service),
    ...written,
    ...(await toolsOfRegistration(context, service, written)),
  };
}

export const dependencyErrors = [
  'service.not-found',
  'service.dependency-cycle',
  'registry.graph-full',
] as const;
