/** What those share that call services. In a file of its own: who does not call loads nothing of it. */
import { createServiceCaller } from '../clients/service-caller.ts';
import type { Log } from '../domain/log.ts';
import type { CallContext } from '../executions/call-service.ts';
import { createCallGuard } from '../registry/call-guard.ts';
import { createServiceResolver, type ResolveService } from '../registry/resolve-service.ts';
import type { HintsContext } from '../registry/trusted-hints.ts';
import type { CallingConfig } from './config.ts';
import { createSharedContext, type SharedContext } from './execution-context.ts';
import { createExecutionStores } from './execution-stores.ts';
import { createLateCatalogues } from './late-stores.ts';

export interface CallingContext extends Omit<SharedContext, 'catalogues'>, CallContext, HintsContext {
  readonly resolveService: ResolveService;
}

export function createCallingContext(config: CallingConfig, log: Log): CallingContext {
  const shared = createSharedContext(config, log, createExecutionStores);
  const caller = createServiceCaller({ egress: { allowedNetworks: config.EGRESS_ALLOWED_NETWORKS } });
  const guard = createCallGuard(shared.clock);
  return {
    ...shared,
    caller,
    guard,
    catalogues: createLateCatalogues(shared.registry),
    resolveService: createServiceResolver({ ...shared, guard }),
    close() {
      caller.close();
      shared.close();
    },
  };
}
