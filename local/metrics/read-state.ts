/** What a scrape reads of the tables: a bounded amount, whatever is registered. */
import { Gauge, type Registry } from 'prom-client';
import { listedInstances } from '../../src/instances/model/instances.ts';
import { monitoringId } from '../../src/monitor/events/model/webhook.ts';
import type { OperationContext } from '../../src/surfaces/operations.ts';

type Context = Pick<
  OperationContext,
  | 'services'
  | 'instances'
  | 'changes'
  | 'sweepMarks'
  | 'eventOutbox'
  | 'webhooks'
  | 'configuredEvents'
  | 'clock'
>;

/** Services whose instances are read. */
const mostServices = 200;
const readsAtOnce = 16;
/** The newest ones. */
const mostChanges = 100;
const mostListeners = 50;
/** Of each listener. */
const mostEvents = 100;

/** Gives what brings the gauges up to date. */
export function stateOf(registry: Registry, context: Context): () => Promise<void> {
  const gauges = gaugesOf(registry);
  const parts = [readInstances, readChanges, readSweeps, readEvents];
  return async () => {
    await Promise.all(parts.map((read) => read(context, gauges)));
  };
}

type Gauges = ReturnType<typeof gaugesOf>;

function gaugesOf(registry: Registry) {
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  return {
    instances: gauge(
      'orchestrator_instances',
      `Instances by health and by state, of the first ${mostServices} services by name; state is external where nobody here starts it`,
      ['service', 'health', 'state'],
    ),
    changes: gauge('orchestrator_changes', `The newest ${mostChanges} changes`, ['kind', 'status']),
    sweepRan: gauge(
      'orchestrator_sweep_last_run_timestamp_seconds',
      'When what runs by a schedule ran last; written down once a minute at most',
      ['sweep'],
    ),
    sweepEvery: gauge('orchestrator_sweep_interval_seconds', 'How often it is to run', ['sweep']),
    events: gauge(
      'orchestrator_events',
      `Events that wait to be delivered or were given up, ${mostEvents} of a listener at most`,
      ['state'],
    ),
  };
}

/** What was read before is gone: a label that nobody has any more is no series. */
const counted = <Label extends string>(gauge: Gauge<Label>, all: readonly Record<Label, string>[]): void => {
  gauge.reset();
  for (const labels of all) gauge.inc(labels, 1);
};

async function readInstances({ services, instances, clock }: Context, gauges: Gauges): Promise<void> {
  const { items: records } = await services.list({ limit: mostServices, cursor: undefined });
  const found: { service: string; health: string; state: string }[] = [];
  for (let at = 0; at < records.length; at += readsAtOnce) {
    const some = records.slice(at, at + readsAtOnce);
    for (const known of await Promise.all(some.map(({ name }) => instances.ofService(name))))
      for (const { health, state = 'external' } of known ? listedInstances(known, clock.now()) : [])
        found.push({ service: known?.name ?? '', health, state });
  }
  counted(gauges.instances, found);
}

async function readChanges({ changes }: Context, gauges: Gauges): Promise<void> {
  const { changes: newest } = await changes.list({ limit: mostChanges });
  counted(
    gauges.changes,
    newest.map(({ kind, status }) => ({ kind, status })),
  );
}

async function readSweeps({ sweepMarks }: Context, { sweepRan, sweepEvery }: Gauges): Promise<void> {
  for (const { name: sweep, ranAtMs, everySeconds } of await sweepMarks.all()) {
    sweepRan.set({ sweep }, ranAtMs / 1000);
    sweepEvery.set({ sweep }, everySeconds);
  }
}

async function readEvents(
  { webhooks, configuredEvents, eventOutbox, clock }: Context,
  { events }: Gauges,
): Promise<void> {
  const subscribed = (await webhooks.all()).map(({ id }) => id);
  const listeners = [...(configuredEvents.monitoringUrl ? [monitoringId] : []), ...subscribed];
  for (const [state, label] of [
    ['waiting', 'waiting'],
    ['given-up', 'given_up'],
  ] as const) {
    const pages = await Promise.all(
      listeners
        .slice(0, mostListeners)
        .map((listener) => eventOutbox.page({ listener, state, nowMs: clock.now() }, { limit: mostEvents })),
    );
    events.set(
      { state: label },
      pages.reduce((sum, page) => sum + page.events.length, 0),
    );
  }
}
