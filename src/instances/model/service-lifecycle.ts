/** What is wanted of a service whose instances a driver starts and stops: kept apart from its registration, which says how. */
import * as z from 'zod';
import { OneDriver } from '../../registry/services/model/driver.ts';
import { HealthCheck } from '../../registry/services/model/health-check.ts';
import { Rollout } from '../../registry/services/model/rollout.ts';
import { Scaling } from '../../registry/services/model/scaling.ts';
import { Transport } from '../../registry/services/model/service-terms.ts';

/** What instances are started from: a version of the service, as it is on this platform. */
export const Template = z.object({
  version: z.string(),
  transport: Transport,
  driver: OneDriver,
  healthCheck: HealthCheck,
  scaling: Scaling,
  rollout: Rollout,
  /** How long calls that nobody knows of are waited for on an instance that is to end. */
  drainSeconds: z.number().int(),
  /** Services that have to be there before its instances start. */
  requires: z.array(z.string()),
  /** The same for what starts the same instances. */
  fingerprint: z.string(),
});
export type Template = z.infer<typeof Template>;

export const Desired = z.enum(['running', 'stopped']);
export type Desired = z.infer<typeof Desired>;

/** A count that somebody asked for, which no policy changes before its end. */
export const Hold = z.object({ untilMs: z.number().int(), by: z.string(), reason: z.string().optional() });
export type Hold = z.infer<typeof Hold>;

export const CountDecision = z.object({
  at: z.string().describe('ISO time'),
  from: z.number().int(),
  to: z.number().int(),
  reason: z.string().describe('The numbers that went in, and the rule that decided'),
  by: z.string().describe('Who asked, or policy'),
});
export type CountDecision = z.infer<typeof CountDecision>;

/** `alone`: no other service has part in it. */
const QueuedChange = z.object({ id: z.string(), kind: z.string(), alone: z.boolean() });

export const ServiceLifecycle = z.object({
  service: z.string(),
  /** Grows with every write. */
  ver: z.number().int(),
  desired: Desired,
  /** Instances while it runs. */
  count: z.number().int(),
  /** Whether nothing starts and stops its instances here any more: those that are left go. */
  ended: z.boolean(),
  /** Whether it has none until the next call. */
  asleep: z.boolean(),
  /** Names the sleep: each one is ended by one change. */
  asleepSinceMs: z.number().int().optional(),
  /** When it was registered, started or woken last. */
  awakeSinceMs: z.number().int().optional(),
  hold: Hold.optional(),
  /** Instances with another one are replaced. */
  revision: z.number().int(),
  /** The highest one that there was. */
  lastRevision: z.number().int(),
  template: Template,
  /** What the registration says now, until a rollout has made it the template. */
  next: Template.optional(),
  /** What was wanted before, while the rollout is under way. */
  previous: z.object({ template: Template, revision: z.number().int() }).optional(),
  /** Fingerprint of a template that did not become healthy, and was taken back. */
  rejected: z.string().optional(),
  /** Of the route that the template was made of. */
  routeRevision: z.number().int(),
  /** As the change under way asks for it, instead of as the template says. */
  rollout: Rollout.optional(),
  /** The change that is under way; no other one of this service is. */
  change: z.string().optional(),
  /** Changes that wait, in the order in which they came. */
  waiting: z.array(QueuedChange),
  /** The change whose wishes were written last. */
  applied: z.string().optional(),
  /** As it was when everything was stopped. */
  parked: z.object({ desired: Desired, count: z.number().int(), asleep: z.boolean() }).optional(),
  lastUpAtMs: z.number().int().optional(),
  lastDownAtMs: z.number().int().optional(),
  decisions: z.array(CountDecision),
  /** The decision that was told last to those outside who want to know: its `at`. */
  scalingToldAt: z.string().optional(),
});
export type ServiceLifecycle = z.infer<typeof ServiceLifecycle>;

/** What says how many instances there should be. */
export type Wanted = Pick<ServiceLifecycle, 'service' | 'desired' | 'asleep' | 'ended' | 'count'>;

/** How many instances there should be now. */
export const wantedCount = ({ desired, asleep, ended, count }: Wanted): number =>
  desired === 'running' && !asleep && !ended ? count : 0;
