/** Whether LocalStack answers, and what to say when it does not. */
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { LocalStackSettings } from './settings.ts';

const Health = z.object({ services: z.record(z.string(), z.string()), version: z.string().optional() });
export type Health = z.infer<typeof Health>;

const pauseMs = 500;
const askBoundMs = 3000;

/** Asks `/_localstack/health` until it answers, at most `waitSeconds`. Throws with how to start LocalStack. */
export async function awaitLocalStack({ endpoint, waitSeconds }: LocalStackSettings): Promise<Health> {
  const until = Date.now() + waitSeconds * 1000;
  for (;;) {
    try {
      return await ask(endpoint);
    } catch (error) {
      if (Date.now() >= until) throw new Error(notRunning(endpoint, reasonOf(error)), { cause: error });
    }
    await sleep(pauseMs);
  }
}

async function ask(endpoint: string): Promise<Health> {
  const response = await fetch(`${endpoint}/_localstack/health`, { signal: AbortSignal.timeout(askBoundMs) });
  if (!response.ok) throw new Error(`it answered ${response.status}`);
  const health = Health.safeParse(await response.json().catch(() => undefined));
  if (!health.success) throw new Error('what answers there is not LocalStack');
  return health.data;
}

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
};

const notRunning = (endpoint: string, reason: string): string =>
  `LocalStack does not answer at ${endpoint} (${reason}).

Start it, then run this again:
  with Docker Compose   docker compose -f docker-compose.localstack.yml up -d --wait
  with lstk             lstk start

Both need Docker and an auth token, which is free: docs/localstack.md. When LocalStack runs elsewhere, set
LOCALSTACK_ENDPOINT=http://HOST:PORT.`;
