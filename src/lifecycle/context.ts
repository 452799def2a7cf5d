/** What keeps instances as they are wanted works with. */
import type { AuditTrail } from '../audit/audit-trail.ts';
import type { StepFunctions } from '../aws/step-functions.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Drivers } from '../instances/driver.ts';
import type { InstanceNews } from '../instances/instance-news.ts';
import type { DrivenStore } from '../instances/store/driven-store.ts';
import type { Events } from '../monitor/events/tell-events.ts';
import type { Probed, ProbeResult } from '../monitor/health/probe.ts';
import type { HealthHistory } from '../monitor/health/store/health-history.ts';
import type { MetricValues } from '../monitor/metrics/metric-values.ts';
import type { Platform } from '../registry/services/model/driver.ts';
import type { ServiceStore } from '../registry/services/store/service-store.ts';
import type { ScalingWebhook } from './drivers/webhook/scaling-webhook.ts';
import type { ProbeTimes } from './probe-times.ts';
import type { ChangeStore } from './store/change-store.ts';
import type { Traffic } from './traffic.ts';

export interface LifecycleContext {
  readonly driven: DrivenStore;
  readonly changes: ChangeStore;
  readonly services: Pick<ServiceStore, 'get'>;
  readonly stepFunctions: Pick<StepFunctions, 'start'>;
  readonly changeMachineArn: string;
  readonly platform: Platform;
  /** How long after it drains somebody may still choose an instance for a call, in milliseconds. */
  readonly settleMs: number;
  /** Where all functions are one process. */
  readonly instanceNews?: InstanceNews | undefined;
  /** Those outside who want to know what happens. */
  readonly events?: Events | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** SHA-256 of a text as hexadecimal digits. */
  readonly hash: (text: string) => string;
  readonly newId: () => string;
  /** At least 0, less than 1. */
  readonly random: () => number;
}

/** Has a service looked after: at once, or at a time in milliseconds since the epoch. */
export type Nudge = (service: string, atMs?: number) => void;

/** What acts on instances needs besides: only functions that call drivers have it. */
export interface ReconcileContext extends LifecycleContext {
  readonly healthHistory: Pick<HealthHistory, 'add'>;
  /** Absent where none are written. */
  readonly metrics?: MetricValues | undefined;
  /** Records what was decided here; absent where nobody keeps it. */
  readonly audit?: Pick<AuditTrail, 'note'> | undefined;
  readonly drivers: Drivers;
  readonly probeTimes: ProbeTimes;
  /** Told of each new number of instances; absent where nobody wants to know. */
  readonly scaled?: ScalingWebhook | undefined;
  /** Has a service looked after apart from this call, where a function may go on after its answer. */
  readonly nudge?: Nudge | undefined;
  /** Whether the orchestrator ends: then nothing is started any more. */
  readonly ending: () => boolean;
  /** Asks an instance whether it is well; it never rejects over what the instance does. */
  readonly probe: (probed: Probed) => Promise<ProbeResult>;
  /** What is known here of calls that are under way. */
  readonly traffic: Traffic;
  /** Between two looks. */
  readonly wait: (ms: number) => Promise<void>;
}
