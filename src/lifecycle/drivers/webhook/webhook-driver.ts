/**
 * Asks somebody else to start and stop instances, by signed requests. Whoever receives knows a start by its token, and
 * says how it is when asked, or names a url where that can be read. That url is then what the start is called (`ref`).
 */
import { OrchestratorError } from '../../../base/errors.ts';
import { RecentMap } from '../../../base/recent-map.ts';
import type { DrivenStart, Driver, Observed } from '../../../instances/driver.ts';
import { WebhookSettings } from '../../../registry/services/model/driver.ts';
import type { EgressResponse } from '../../../transport/egress-request.ts';
import { httpFailure, isSuccess } from '../../../transport/http-failure.ts';
import { refusal } from '../refusal.ts';
import { createAskedAgain } from './asked-again.ts';
import { badAnswer, parseAnswer } from './webhook-answer.ts';
import { createWebhookSender, type WebhookMessage, type WebhookOptions } from './webhook-sender.ts';

export interface WebhookDriverOptions extends WebhookOptions {
  /** Who is asked where the settings of a service name nobody. */
  readonly url?: string | undefined;
  /** How long an answer, or that there is none, is good for, in milliseconds: whoever waits for an instance looks more often than others can bear. */
  readonly goodForMs?: number;
}

/** Statuses that say of a statusUrl that nothing is behind it any more. */
const missing: readonly number[] = [404, 410];

type Action = 'start' | 'stop' | 'describe';

const mostKept = 10_000;

export function createWebhookDriver({
  url: usual,
  goodForMs = 1_000,
  ...options
}: WebhookDriverOptions): Driver {
  const send = createWebhookSender(options);
  const answers = new RecentMap<string, { readonly atMs: number; readonly told: Promise<Observed> }>(
    mostKept,
  );
  const stops = createAskedAgain(options.clock);
  const ask = async (start: DrivenStart, action: Action): Promise<Observed> => {
    const { service, id, version, transport, token, ref } = start;
    const { url, parameters } = receiverOf(start, usual);
    const content = { action, token, service, instance: id, version, transport, ref, parameters };
    const asked = action === 'start' ? token : `${token}.${action}`;
    const message = { url, subject: subjectOf(start), id: asked, anew: action === 'describe', content };
    return observedOf(await send(message), message, start);
  };
  const read = async (start: DrivenStart, url: URL): Promise<Observed> => {
    const subject = `${subjectOf(start)}, asked at its statusUrl,`;
    const message = { url, subject, id: `${start.token}.status`, anew: true };
    const response = await send(message);
    return missing.includes(response.status) ? { state: 'GONE' } : observedOf(response, message, start);
  };
  const describe = async (start: DrivenStart): Promise<Observed> => {
    const statusUrl = statusUrlOf(start, receiverOf(start, usual).url);
    return statusUrl ? await read(start, statusUrl) : await ask(start, 'describe');
  };
  return {
    kind: 'webhook',
    async start(start) {
      answers.delete(start.token);
      stops.forget(start.token);
      try {
        return await ask(start, 'start');
      } catch (thrown) {
        throw refusal(thrown);
      }
    },
    async describe(start) {
      const now = options.clock.now();
      const known = answers.get(start.token);
      // The clock may have been set back.
      if (known && now >= known.atMs && now < known.atMs + goodForMs) return known.told;
      const told = describe(start);
      answers.set(start.token, { atMs: now, told });
      return told;
    },
    async stop(start) {
      await stops.ask(start.token, async () => {
        await ask(start, 'stop');
        answers.delete(start.token);
      });
    },
    list: async () => undefined,
    logs: async () => undefined,
  };
}

const subjectOf = ({ service }: DrivenStart): string => `The webhook of service ${service}`;

function receiverOf({ service, settings }: DrivenStart, usual: string | undefined) {
  const { url = usual, parameters } = WebhookSettings.parse(settings);
  if (url !== undefined) return { url: new URL(url), parameters };
  throw new OrchestratorError(
    'driver.not-available',
    `Nobody can be asked to start service ${service}: its driver has no settings.url, and SERVICE_INSTANCE_MANAGEMENT_URL is not set`,
  );
}

/** One that is elsewhere is not asked any more: the receiver has changed. */
function statusUrlOf({ ref = '' }: DrivenStart, receiver: URL): URL | undefined {
  const url = URL.canParse(ref) ? new URL(ref) : undefined;
  return url?.origin === receiver.origin ? url : undefined;
}

/** Whoever receives may name a url of its own only: requests that are signed go nowhere else. */
function observedOf(
  response: EgressResponse,
  { url, subject }: WebhookMessage,
  start: DrivenStart,
): Observed {
  if (!isSuccess(response)) throw httpFailure(response, subject);
  const { state = 'PENDING', url: where, exit, ref, statusUrl } = parseAnswer(response, subject);
  if (statusUrl !== undefined && !isOfOrigin(statusUrl, url))
    throw badAnswer(subject, 'statusUrl: must be a url of the same origin');
  const named = statusUrl === undefined ? statusUrlOf(start, url) : new URL(statusUrl, url);
  return { state, url: where, exit, ref: named?.href ?? ref ?? start.ref };
}

const isOfOrigin = (text: string, base: URL): boolean =>
  URL.canParse(text, base.href) && new URL(text, base).origin === base.origin;
