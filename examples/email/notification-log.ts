/**
 * The notifications that were accepted, in memory, and the switch that makes accepting fail. Decides what a
 * repeat under the same idempotency key gets. Nothing is really sent anywhere.
 */
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';

/** More fields are kept as they come. */
export const NotificationRequest = z.looseObject({
  message: z.string().min(1),
  to: z.string().optional(),
  channel: z.string().optional(),
});
export type NotificationRequest = z.infer<typeof NotificationRequest>;

export const FailureMode = z.enum(['off', 'once', 'always']);
export type FailureMode = z.infer<typeof FailureMode>;

export interface Notification {
  readonly id: string;
  readonly createdAt: string;
  readonly idempotencyKey?: string | undefined;
  readonly request: NotificationRequest;
}

export type Outcome =
  | { readonly kind: 'accepted'; readonly notification: Notification }
  | { readonly kind: 'failed' }
  | { readonly kind: 'conflict' };

export interface NotificationLog {
  /** A repeat answers with the first notification; the same key with another request is a conflict. */
  accept(request: NotificationRequest, idempotencyKey: string | undefined): Outcome;
  /** Oldest first. */
  list(): Notification[];
  failureMode(): FailureMode;
  setFailureMode(mode: FailureMode): void;
}

export interface LogOptions {
  readonly failure: FailureMode;
  readonly newId: () => string;
  readonly now: () => Date;
}

const keptNotifications = 1_000;

/** Keeps the newest thousand; older ones and their keys are forgotten. */
export function createNotificationLog({ failure, newId, now }: LogOptions): NotificationLog {
  let mode = failure;
  let kept: Notification[] = [];

  const repeatOrConflict = (earlier: Notification, request: NotificationRequest): Outcome =>
    isDeepStrictEqual(earlier.request, request)
      ? { kind: 'accepted', notification: earlier }
      : { kind: 'conflict' };

  const add = (request: NotificationRequest, idempotencyKey: string | undefined): Outcome => {
    const notification = { id: newId(), createdAt: now().toISOString(), idempotencyKey, request };
    kept = [...kept, notification].slice(-keptNotifications);
    return { kind: 'accepted', notification };
  };

  const fails = (): boolean => {
    const failing = mode !== 'off';
    if (mode === 'once') mode = 'off';
    return failing;
  };

  return {
    accept: (request, idempotencyKey) => {
      if (fails()) return { kind: 'failed' };
      const earlier = idempotencyKey && kept.find((entry) => entry.idempotencyKey === idempotencyKey);
      return earlier ? repeatOrConflict(earlier, request) : add(request, idempotencyKey);
    },
    list: () => kept,
    failureMode: () => mode,
    setFailureMode: (next) => {
      mode = next;
    },
  };
}
