/**
 * Instances that a driver starts and stops: what is kept of one, and which moves there are from state to state. Every
 * move says when and why; an illegal one is refused.
 */
import * as z from 'zod';
import { OneDriver } from '../../registry/services/model/driver.ts';
import { Transport } from '../../registry/services/model/service-terms.ts';
import { healthToTell } from './health-to-tell.ts';

export const LifecycleState = z.enum([
  'PENDING',
  'STARTING',
  'RUNNING',
  'DRAINING',
  'STOPPING',
  'STOPPED',
  'FAILED',
  'QUARANTINED',
]);
export type LifecycleState = z.infer<typeof LifecycleState>;

/** `UNKNOWN`: nobody has looked yet. */
export const ProbedHealth = z.enum(['UNKNOWN', 'HEALTHY', 'UNHEALTHY']);
export type ProbedHealth = z.infer<typeof ProbedHealth>;

/** One line of what happened to it, newest last. */
export const InstanceMove = z.object({
  at: z.string().describe('ISO time'),
  state: LifecycleState,
  reason: z.string(),
  change: z.string().optional().describe('Id of the change that asked for it'),
});
export type InstanceMove = z.infer<typeof InstanceMove>;

/** How it ended by itself. */
export const Exit = z.object({
  atMs: z.number().int(),
  livedMs: z.number().int(),
  how: z.string(),
  /** Whether it was ended because it did not become healthy in time. */
  neverHealthy: z.boolean().optional(),
  /** Whether it was ended because it was not healthy any more. */
  unhealthy: z.boolean().optional(),
});
export type Exit = z.infer<typeof Exit>;

/** What keeps it from getting on in its state. */
export const Problem = z.object({
  /**
   * What is not as it should be: a requirement is not there; its driver does not start, describe, resize or stop it; its check
   * fails; calls do not end.
   */
  of: z.enum(['requirement', 'start', 'describe', 'resize', 'stop', 'check', 'calls']),
  why: z.string(),
  /** Since when that has not succeeded, whatever the words, in milliseconds since the epoch. */
  sinceMs: z.number().int(),
  /** When these words were written. */
  toldAtMs: z.number().int(),
});
export type Problem = z.infer<typeof Problem>;

export const DrivenInstance = z.object({
  service: z.string(),
  id: z.string(),
  version: z.string(),
  transport: Transport,
  /** What started it last, with the settings of then. */
  driver: OneDriver,
  /** Grows with every write. */
  ver: z.number().int(),
  state: LifecycleState,
  /** Milliseconds since the epoch. */
  stateSinceMs: z.number().int(),
  /** Grows with every start. */
  starts: z.number().int(),
  /** When the last start was asked for, in milliseconds since the epoch. */
  startedAtMs: z.number().int().optional(),
  /** Of the service, when it was last started: one that is lower than that of the service is replaced. */
  revision: z.number().int(),
  /** What the driver calls it. */
  ref: z.string().optional(),
  /** What the driver called the start before. */
  before: z.string().optional(),
  url: z.string().optional(),
  health: ProbedHealth,
  /** Since when it has been healthy, in milliseconds since the epoch. */
  healthySinceMs: z.number().int().optional(),
  /** Probes that failed or passed in a row, against the health that it has. */
  contrary: z.number().int(),
  /** Whether it goes when it has stopped. */
  leaving: z.boolean(),
  /** Whether it alone is to be stopped, and stays. */
  held: z.boolean(),
  /** Before this it is not started again, in milliseconds since the epoch. */
  notBeforeMs: z.number().int().optional(),
  exits: z.array(Exit),
  /** Of its present state. */
  problem: Problem.optional(),
  history: z.array(InstanceMove),
  ...healthToTell,
  /** The move into quarantine that was told last to those outside who want to know: its `at`. */
  quarantineToldAt: z.string().optional(),
  createdAtMs: z.number().int(),
});
export type DrivenInstance = z.infer<typeof DrivenInstance>;

const moves: Readonly<Record<LifecycleState, readonly LifecycleState[]>> = {
  PENDING: ['STARTING', 'STOPPED', 'FAILED', 'QUARANTINED'],
  STARTING: ['RUNNING', 'STOPPING', 'STOPPED', 'FAILED', 'QUARANTINED'],
  RUNNING: ['DRAINING', 'STOPPING', 'FAILED', 'QUARANTINED'],
  DRAINING: ['STOPPING', 'STOPPED', 'FAILED'],
  STOPPING: ['STOPPED', 'QUARANTINED'],
  STOPPED: ['PENDING', 'QUARANTINED'],
  FAILED: ['PENDING', 'STOPPING', 'STOPPED', 'QUARANTINED'],
  QUARANTINED: ['PENDING', 'STOPPING', 'STOPPED'],
};

export const mayMove = (from: LifecycleState, to: LifecycleState): boolean => moves[from].includes(to);

const running: readonly LifecycleState[] = ['STARTING', 'RUNNING', 'DRAINING', 'STOPPING'];

/** Whether there is something that its driver knows. */
export const mayRun = ({ state }: Pick<DrivenInstance, 'state'>): boolean => running.includes(state);

/** The token by which a driver knows one start of an instance, and no other start of any. */
export const startToken = ({
  service,
  id,
  createdAtMs,
  starts,
}: Pick<DrivenInstance, 'service' | 'id' | 'createdAtMs' | 'starts'>): string =>
  `${service}.${id}.${createdAtMs.toString(36)}.${starts}`;
