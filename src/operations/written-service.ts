/** How a service is written: what register_service and update_service share. */
import * as z from 'zod';
import { ToolsShown } from '../domain/catalogue.ts';
import { Service } from '../domain/services.ts';
import type { PutService } from '../registry/put-service.ts';
import { toolsOfRegistration } from '../registry/tools-of-registration.ts';
import type { OperationContext } from './context.ts';
import { Revision } from './service-shapes.ts';

export const Written = Service.extend({
  ...ToolsShown.shape,
  warnings: z.array(z.string()).optional().describe('What is wrong with it, though it is registered'),
  revision: Revision,
  created: z.boolean().describe('Whether the version was new'),
  changed: z.boolean().describe('Whether anything was changed'),
});

export async function putToWritten(
  context: OperationContext,
  { service, ...written }: PutService,
): Promise<z.infer<typeof Written>> {
  return { ...service, ...written, ...(await toolsOfRegistration(context, service, written)) };
}

export const ofDependencies = [
  'service.not-found',
  'service.dependency-cycle',
  'registry.graph-full',
] as const;
