/** What the function is given that delivers events. */
import { createSignedPost } from '../../aws/signed-post.ts';
import { Table } from '../../aws/table.ts';
import type { Log } from '../../base/log.ts';
import { once } from '../../base/once.ts';
import type { UntoldContext } from '../../executions/ends-to-tell.ts';
import { createExecutionLists } from '../../executions/store/execution-lists.ts';
import { createExecutionStore } from '../../executions/store/execution-store.ts';
import { createDelivery, type Deliver } from '../../monitor/events/deliver-events.ts';
import { endsOfExecutions } from '../../monitor/events/ends-of-executions.ts';
import type { EventBus } from '../../monitor/events/event-bus.ts';
import { createEventOutbox } from '../../monitor/events/store/event-outbox.ts';
import { createWebhookStore } from '../../monitor/events/store/webhook-store.ts';
import { createTargets, type TargetsContext } from '../../monitor/events/targets.ts';
import type { MetricValues } from '../../monitor/metrics/metric-values.ts';
import { createSweepMarks, type SweepMarks } from '../../monitor/system/sweep-marks.ts';
import { SecretAccess } from '../authorizer-config.ts';
import { documentsOf } from '../aws-connections.ts';
import { newId, systemClock } from '../clock-and-ids.ts';
import type { DeliverConfig } from '../config.ts';
import { readConfig } from '../read-config.ts';
import { egressOf } from './egress.ts';
import { lateEvents } from './events.ts';
import type { Closing } from './shared.ts';
import { stageMetricsOf } from './stage-metrics.ts';

/** Half of what the function has. */
const budgetMs = 30_000;

export interface DeliverEventsContext extends UntoldContext, Closing {
  readonly deliver: Deliver;
  readonly anyListener: () => Promise<boolean>;
  readonly sweepMarks: Pick<SweepMarks, 'ran'>;
  /** Cuts off the requests that are under way. */
  readonly cutOff: () => void;
  readonly metrics: MetricValues | undefined;
}

export function createDeliverContext(
  config: DeliverConfig,
  log: Log,
  ending: () => boolean,
): DeliverEventsContext {
  const documents = documentsOf(config);
  const registry = new Table(documents, config.REGISTRY_TABLE);
  const telemetry = new Table(documents, config.TELEMETRY_TABLE);
  const executions = new Table(documents, config.EXECUTIONS_TABLE);
  const egress = egressOf(config);
  const webhooks = createWebhookStore(registry);
  const eventBus = eventBusOf(config);
  const metrics = stageMetricsOf(config, log);
  const targets = createTargets({
    webhooks,
    monitoring: monitoringOf(config),
    eventBus,
    eventNews: config.EVENT_NEWS,
    egress,
    clock: systemClock,
  });
  const deliver = createDelivery({
    targets,
    outbox: createEventOutbox(telemetry),
    // Local mode is one process, which holds the lock of its data.
    shared: config.EVENT_NEWS === undefined,
    budgetMs,
    ending,
    clock: systemClock,
    random: Math.random,
    newId,
    log,
    metrics,
  });
  return {
    deliver,
    cutOff: () => egress.close(),
    sweepMarks: createSweepMarks(telemetry, systemClock),
    anyListener: async () => (await targets()).length > 0,
    ends: endsOfExecutions(lateEvents(config, { registry, telemetry })),
    executions: createExecutionStore(executions),
    executionLists: createExecutionLists(executions),
    clock: systemClock,
    log,
    metrics,
    close() {
      egress.close();
      documents.close();
    },
  };
}

function monitoringOf(config: DeliverConfig): TargetsContext['monitoring'] {
  const { SERVICE_MONITORING_URL: url, SERVICE_WEBHOOK_SECRET: own, SERVICE_WEBHOOK_SECRET_ID: id } = config;
  if (url === undefined) return undefined;
  if (own !== undefined) return { url, secret: async () => own };
  if (id === undefined) throw new Error('SERVICE_MONITORING_URL needs a secret to sign with');
  return { url, secret: once(() => secretOfStage(config, id)) };
}

async function secretOfStage(config: DeliverConfig, id: string): Promise<string> {
  const { createConfiguredSecretReader } = await import('../secret-reader.ts');
  return createConfiguredSecretReader(accessOf(config))(id);
}

function eventBusOf(config: DeliverConfig): EventBus | undefined {
  const { EVENT_BUS: name } = config;
  if (name === undefined) return undefined;
  const { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = accessOf(config);
  const post = createSignedPost({
    service: 'events',
    region: AWS_REGION,
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      sessionToken: AWS_SESSION_TOKEN,
    },
  });
  return { name, post };
}

const accessOf = ({
  AWS_REGION,
  AWS_ACCESS_KEY_ID,
  AWS_SECRET_ACCESS_KEY,
  AWS_SESSION_TOKEN,
}: DeliverConfig): SecretAccess =>
  readConfig(SecretAccess, { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN });
