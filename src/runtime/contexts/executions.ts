/** What the functions are given that carry executions out: what they need with every call is there at once. */
import type { Table } from '../../aws/table.ts';
import { late } from '../../base/late.ts';
import type { Log } from '../../base/log.ts';
import { createCallGuard } from '../../calling/call-guard.ts';
import type { CallContext } from '../../calling/call-service.ts';
import { createServiceResolver, type ResolveService } from '../../calling/resolve-service.ts';
import type { ServiceUsage } from '../../calling/service-usage.ts';
import type { HintsContext } from '../../calling/tool-hints.ts';
import type { ExecutionContext } from '../../executions/context.ts';
import { createExecutionStore } from '../../executions/store/execution-store.ts';
import { createStepStore } from '../../executions/store/step-store.ts';
import type { InstanceNews } from '../../instances/instance-news.ts';
import { createInstanceStore, type InstanceStore } from '../../instances/store/instance-store.ts';
import { serviceCallerOver } from '../../transport/service-caller.ts';
import { systemClock } from '../clock-and-ids.ts';
import type { CallingConfig, SharedConfig } from '../config.ts';
import { callsKnown } from './calls-known.ts';
import { egressOf } from './egress.ts';
import { lateLifecycle, lateWake } from './late-lifecycle.ts';
import { type Closing, shareWithExecutions, type Tables } from './shared.ts';

/** `record-execution` and `sweep`. */
export function createExecutionContext(config: SharedConfig, log: Log) {
  const shared = shareWithExecutions(config, log);
  return {
    ...shared,
    executions: createExecutionStore(shared.tables.executions, shared.news),
    steps: createStepStore(shared.tables.executions, shared.news),
    instances: createInstanceStore(shared.tables.instances),
  };
}

export interface CallingContext extends ExecutionContext, CallContext, HintsContext, Closing {
  readonly instances: InstanceStore;
  readonly resolveService: ResolveService;
  readonly random: () => number;
  readonly instanceNews: InstanceNews | undefined;
  readonly usage: ServiceUsage | undefined;
  readonly registry: Table;
  readonly tables: Tables;
  readonly tracesTold: () => Promise<void>;
}

/** `run-step` and `undo`: what they need with every step is there at once. */
export function createCallingContext(config: CallingConfig, log: Log): CallingContext {
  const context = createExecutionContext(config, log);
  const { tables, instances, random } = context;
  const caller = serviceCallerOver(egressOf(config, { endings: config.INSTANCE_NEWS?.ending.listen }));
  const guard = createCallGuard(systemClock, callsKnown(config, tables.instances, log));
  return {
    ...context,
    registry: tables.registry,
    catalogues: late(async () =>
      (await import('../../registry/tools/store/catalogue-store.ts')).createCatalogueStore(tables.registry),
    ),
    caller,
    guard,
    instanceNews: config.INSTANCE_NEWS,
    usage: config.CALLS_COUNTED?.usage,
    resolveService: createServiceResolver({
      instances,
      random,
      clock: systemClock,
      guard,
      instanceNews: config.INSTANCE_NEWS,
      wake: lateWake(lateLifecycle(config, context)),
    }),
    close() {
      caller.close();
      context.close();
    },
  };
}
