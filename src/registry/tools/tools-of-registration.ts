/** Reads the tools of a version when it is registered, or when its first instance is. */

import type { Service } from '../services/model/services.ts';
import { type ToolsShown, toolsShown } from './model/catalogue.ts';
import { type CatalogueContext, refreshCatalogue } from './refresh-catalogue.ts';

/** A registration waits no longer than this for a service that does not answer. */
const readMs = 3_000;

type Registered = Pick<Service, 'name' | 'version' | 'transport' | 'url'>;

export interface RegisteredTools extends ToolsShown {
  readonly warnings?: string[];
}

/** Asks the service only when its registration changed, or its tools are not known yet. */
export async function toolsOfRegistration(
  context: CatalogueContext,
  service: Registered,
  { created, changed }: { readonly created: boolean; readonly changed: boolean },
): Promise<RegisteredTools> {
  if (service.transport !== 'mcp') {
    // It may have been an mcp service until now.
    if (changed && !created)
      await context.catalogues.remove(service.name, [service.version], context.newId());
    return {};
  }
  const known = await context.catalogues.get(service, { consistent: true });
  if (known?.catalogue && !changed) return toolsShown(known);
  const refreshed = await refreshCatalogue(context, service, readMs);
  const warnings = warningsOf(service, refreshed.known);
  return { ...toolsShown(refreshed.known), ...(warnings.length > 0 && { warnings }) };
}

function warningsOf(
  { name, version }: Registered,
  { catalogue, refreshError }: Awaited<ReturnType<typeof refreshCatalogue>>['known'],
): string[] {
  if (refreshError === undefined) return catalogue?.warnings ?? [];
  const then = catalogue
    ? 'the tools that were read before are kept'
    : 'it is registered, and its tools are unknown until they can be read';
  return [
    `The tools of ${name} ${version} could not be read: ${refreshError}; ${then}. They are read again by schedule, and at once by refresh_service`,
  ];
}

/** Only when nothing is known of the tools yet. */
export async function toolsOfFirstInstance(
  context: CatalogueContext,
  service: Omit<Registered, 'url'>,
): Promise<void> {
  if (service.transport !== 'mcp') return;
  const known = await context.catalogues.get(service);
  if (!known?.catalogue) await refreshCatalogue(context, service, readMs);
}
