/**
 * Uses a deployment once, as a client does: health, that nobody gets in without the key, and a workflow that only
 * waits, from its start to its end. Throws what went wrong; CloudFormation then goes back to what was there.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';

export interface SmokeCheck {
  /** Where the API answers, without a slash at the end. */
  readonly url: string;
  readonly adminKey: string;
  readonly workflow: string;
}

/** A stage that was just deployed may answer with 403 or 5xx for some seconds. */
const settledWithinMs = 60_000;
const endedWithinMs = 60_000;
const everyMs = 1_000;
const answerWithinMs = 30_000;

const Started = z.object({ workflowId: z.string() });
const Status = z.object({ status: z.string() });

export async function smokeCheck({ url, adminKey, workflow }: SmokeCheck): Promise<void> {
  const key = { authorization: `Bearer ${adminKey}` };
  await until(settledWithinMs, async () => expectStatus(await call(`${url}/healthz`), 200));
  await until(settledWithinMs, async () => expectStatus(await call(`${url}/v1/executions`), 401));
  const started = await until(settledWithinMs, async () => {
    const answer = await call(`${url}/v1/executions`, { headers: key, body: { workflow } });
    return Started.parse(JSON.parse(expectStatus(answer, 202).text));
  });
  await until(endedWithinMs, async () => {
    const answer = await call(`${url}/v1/executions/${started.workflowId}`, { headers: key });
    const { status } = Status.parse(JSON.parse(expectStatus(answer, 200).text));
    if (status !== 'SUCCEEDED')
      throw new Error(`The execution of ${workflow} is ${status} instead of SUCCEEDED`);
  });
}

interface Answered {
  readonly what: string;
  readonly status: number;
  readonly text: string;
}

async function call(
  url: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: object } = {},
): Promise<Answered> {
  const method = body === undefined ? 'GET' : 'POST';
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    signal: AbortSignal.timeout(answerWithinMs),
    ...(body && { body: JSON.stringify(body) }),
  });
  return { what: `${method} ${new URL(url).pathname}`, status: response.status, text: await response.text() };
}

function expectStatus(answered: Answered, expected: number): Answered {
  if (answered.status === expected) return answered;
  throw new Error(
    `${answered.what} answered ${answered.status} instead of ${expected}: ${answered.text.slice(0, 300)}`,
  );
}

/** Tries again until it holds; throws the last failure when the time is over. */
async function until<T>(withinMs: number, attempt: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + withinMs; ; await sleep(everyMs)) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}
