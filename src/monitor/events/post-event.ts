/**
 * Sends an event to a webhook: a CloudEvent as signed POST (Standard Webhooks 1.0.0), through the egress, so that its address
 * rules hold, no redirect is followed, and nothing lasts. Any 2xx means that it was taken; nothing of the answer is kept.
 */
import type { Clock } from '../../base/clock.ts';
import { OrchestratorError } from '../../base/errors.ts';
import { startDeadline } from '../../transport/deadline.ts';
import type { Egress } from '../../transport/egress.ts';
import type { EgressResponse } from '../../transport/egress-request.ts';
import { isSuccess } from '../../transport/http-failure.ts';
import { retryAfterSeconds } from '../../transport/retry-after.ts';
import { createSigner } from '../../transport/webhook-signature.ts';
import type { CloudEvent } from './model/cloud-event.ts';

export type Outcome = { readonly taken: true } | NotTaken;

interface NotTaken {
  readonly taken: false;
  /** Without anything that the target says. */
  readonly why: string;
  readonly retryAfterSeconds?: number | undefined;
  /** It wants to be told of nothing any more. */
  readonly gone?: boolean;
}

export interface Target {
  readonly url: string;
  readonly secret: string;
}

export interface PostContext {
  readonly egress: Pick<Egress, 'send'>;
  readonly clock: Clock;
}

const boundMs = 10_000;
const maxBytes = 16 * 1024;

/** Never rejects over what the target does. */
export async function postEvent(
  { egress, clock }: PostContext,
  { url, secret }: Target,
  event: CloudEvent,
): Promise<Outcome> {
  // Who shares the secret with another one is not to take what was sent to that one.
  const body = JSON.stringify({ ...event, audience: url });
  const signed = { id: event.id, seconds: Math.floor(clock.now() / 1000), body };
  try {
    const response = await egress.send({
      method: 'POST',
      repeating: 'idempotent',
      url: new URL(url),
      subject: 'The target',
      headers: {
        'content-type': 'application/cloudevents+json; charset=utf-8',
        'idempotency-key': event.id,
        ...createSigner(secret)(signed),
      },
      body,
      deadline: startDeadline(boundMs),
      maxBytes,
    });
    return outcomeOf(response, clock.now());
  } catch (error) {
    if (!(error instanceof OrchestratorError)) throw error;
    // It has answered, at length.
    if (error.code === 'step.result-too-large') return { taken: true };
    return { taken: false, why: `${error.code}: ${error.message}` };
  }
}

function outcomeOf(response: EgressResponse, nowMs: number): Outcome {
  if (isSuccess(response)) return { taken: true };
  const { status, headers } = response;
  const retryAfter = retryAfterSeconds(headers['retry-after'], nowMs);
  return { taken: false, why: `answered ${status}`, retryAfterSeconds: retryAfter, gone: status === 410 };
}
