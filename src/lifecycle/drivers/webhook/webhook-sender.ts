/** Sends signed requests to a webhook, through the egress: bounded in time and size, no redirect followed. */
import type { Clock } from '../../../base/clock.ts';
import { startDeadline } from '../../../transport/deadline.ts';
import type { Egress } from '../../../transport/egress.ts';
import type { EgressRequest, EgressResponse } from '../../../transport/egress-request.ts';
import { createSigner } from '../../../transport/webhook-signature.ts';

export interface WebhookOptions {
  readonly egress: Pick<Egress, 'send'>;
  readonly clock: Clock;
  /** As `WebhookSecret` says; whoever receives has the same. */
  readonly secret: string;
  /** Names this orchestrator to whoever receives. */
  readonly owner: string;
}

export interface WebhookMessage {
  readonly url: URL;
  /** Begins every message of an error. */
  readonly subject: string;
  /** Names what is asked: the same when it is asked again. */
  readonly id: string;
  /** Whether the answer of before would be wrong, so that it is never the same that is asked. */
  readonly anew?: boolean;
  /** What is posted; without it, the url is read. */
  readonly content?: Readonly<Record<string, unknown>> | undefined;
}

/** Throws the OrchestratorError of a request without an answer; what an answer means is for others to say. */
export type SendWebhook = (message: WebhookMessage) => Promise<EgressResponse>;

const boundMs = 10_000;
const maxBytes = 64 * 1024;

export function createWebhookSender({ egress, clock, secret, owner }: WebhookOptions): SendWebhook {
  const sign = createSigner(secret);
  return async ({ url, subject, id, anew = false, content }) => {
    const now = clock.now();
    // A receiver that shares the secret with another one is not to take what was sent to that one.
    const body = content && JSON.stringify({ ...content, owner, audience: url.href });
    const signed = { id: anew ? `${id}.${now}` : id, seconds: Math.floor(now / 1000), body: body ?? '' };
    const key = anew ? {} : { 'idempotency-key': id };
    const headers = { accept: 'application/json', ...sign(signed), ...key };
    const request: EgressRequest = {
      ...(body === undefined
        ? { method: 'GET', repeating: 'safe', headers }
        : {
            method: 'POST',
            repeating: 'idempotent',
            headers: { 'content-type': 'application/json', ...headers },
            body,
          }),
      url,
      subject,
      deadline: startDeadline(boundMs),
      maxBytes,
    };
    return await egress.send(request);
  };
}
