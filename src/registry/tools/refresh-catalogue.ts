/**
 * Reads the tools of MCP services and keeps them. What was read once stays when a later read fails; the failure is
 * kept beside it. A version that is deregistered meanwhile leaves nothing behind.
 */

import { isoNow } from '../../base/clock.ts';
import { OrchestratorError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Egress } from '../../transport/egress.ts';
import type { McpPeer } from '../../transport/mcp/mcp-peer.ts';
import type { RegistryContext } from '../context.ts';
import type { Endpoint } from '../services/model/endpoints.ts';
import { type KnownCatalogue, type ToolChanges, toolChanges } from './model/catalogue.ts';
import type { CatalogueStore, VersionKey } from './store/catalogue-store.ts';

export interface CatalogueContext extends Pick<RegistryContext, 'services' | 'endpointsOf' | 'clock'> {
  readonly catalogues: CatalogueStore;
  readonly egress: Egress;
  /** A new unique id. */
  readonly newId: () => string;
  readonly log: Log;
}

export interface Refreshed {
  readonly version: string;
  readonly known: KnownCatalogue;
  /** Undefined when the tools could not be read. */
  readonly changes: ToolChanges | undefined;
}

/** Reads the tools of one version within `boundMs`; that it cannot is no error, but said in what is returned. */
export async function refreshCatalogue(
  context: CatalogueContext,
  key: VersionKey,
  boundMs: number,
): Promise<Refreshed> {
  const startedAtMs = context.clock.now();
  const before = await context.catalogues.get(key, { consistent: true });
  try {
    const { catalogue, instance } = await read(context, key, boundMs);
    const refreshedAt = isoNow(context.clock);
    const written = { ...key, catalogue, instance, startedAtMs, refreshedAt };
    const changes = toolChanges(before?.catalogue?.tools ?? [], catalogue.tools);
    const kept = await context.catalogues.put(written);
    if (kept && (before?.catalogue === undefined || isChange(changes)))
      await context.catalogues.putSummary(written, context.newId());
    await removeIfGone(context, key);
    return { version: key.version, known: { catalogue, instance, refreshedAt }, changes };
  } catch (error) {
    const refreshError = reasonOf(context, key, error);
    if (!before) await context.catalogues.putUnknown(key);
    await context.catalogues.putFailure({
      ...key,
      refreshError,
      failedAt: isoNow(context.clock),
      startedAtMs,
    });
    await removeIfGone(context, key);
    return { version: key.version, known: { ...before, refreshError }, changes: undefined };
  }
}

const isChange = ({ added, removed, changed }: ToolChanges): boolean =>
  added.length + removed.length + changed.length > 0;

/** Only what is said by us is shown; what else goes wrong is for the log. */
function reasonOf({ log }: CatalogueContext, { name, version }: VersionKey, error: unknown): string {
  if (error instanceof OrchestratorError) return error.message;
  const cause = error instanceof Error ? error.message : String(error);
  log.error('tools not read', { service: name, version, cause });
  return 'The tools could not be read: something failed inside the orchestrator';
}

async function read(context: CatalogueContext, { name, version }: VersionKey, boundMs: number) {
  const known = await context.endpointsOf(name, { consistent: true });
  const instance = bestOf((known?.endpoints ?? []).filter((one) => one.version === version));
  if (!instance)
    throw new OrchestratorError(
      'service.unavailable',
      `${name} ${version} has no instance yet that could be asked for its tools`,
    );
  const [{ readCatalogue }, { startDeadline }, { mcpEndpoint }, peer] = await Promise.all([
    import('./read-catalogue.ts'),
    import('../../transport/deadline.ts'),
    import('../../transport/model/service-url.ts'),
    peerOf(context),
  ]);
  const { credential } = instance;
  const bounds = { subject: `Service ${name}`, deadline: startDeadline(boundMs), credential };
  return {
    catalogue: await readCatalogue(peer, mcpEndpoint(name, instance.url), bounds),
    instance: instance.id,
  };
}

const bestOf = (endpoints: readonly Endpoint[]): Endpoint | undefined =>
  endpoints.find(({ callable }) => callable) ?? endpoints[0];

const peers = new WeakMap<object, McpPeer>();

/** One for each egress: it knows which endpoints want a session. */
async function peerOf({ egress }: CatalogueContext): Promise<McpPeer> {
  const { createMcpPeer } = await import('../../transport/mcp/mcp-peer.ts');
  const peer = peers.get(egress) ?? createMcpPeer(egress);
  peers.set(egress, peer);
  return peer;
}

async function removeIfGone(context: CatalogueContext, { name, version }: VersionKey): Promise<void> {
  const record = await context.services.get(name, { consistent: true });
  if (!record?.versions.some((one) => one.version === version))
    await context.catalogues.remove(name, [version], context.newId());
}
