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

export interface Patience {
  /** A stage that was just deployed may answer with 403 or 5xx for some seconds. */
  readonly settledWithinMs: number;
  readonly endedWithinMs: number;
  readonly everyMs: number;
}

/** Together, and with the last answers, less than the time of the function. */
const patience: Patience = { settledWithinMs: 120_000, endedWithinMs: 60_000, everyMs: 1_000 };
const answerWithinMs = 30_000;

const Started = z.object({ workflowId: z.string() });
const Status = z.object({ status: z.string() });

export async function smokeCheck(
  { url, adminKey, workflow }: SmokeCheck,
  { settledWithinMs, endedWithinMs, everyMs }: Patience = patience,
): Promise<void> {
  const key = { authorization: `Bearer ${adminKey}` };
  const settled = { end: Date.now() + settledWithinMs, everyMs };
  await until(settled, async () => expectStatus(await call(`${url}/healthz`), 200));
  await until(settled, async () => expectStatus(await call(`${url}/v1/executions`), 401));
  const { workflowId } = await until(settled, async () => {
    const answer = await call(`${url}/v1/executions`, { headers: key, body: { workflow } });
    return Started.parse(JSON.parse(expectStatus(answer, 202).text));
  });
  const ending = { end: Date.now() + endedWithinMs, everyMs };
  const { what, status } = await until(ending, async () => {
    const wait = secondsUntil(ending.end);
    const answer = await call(`${url}/v1/executions/${workflowId}?wait=${wait}`, { headers: key });
    return ended(workflow, expectStatus(answer, 200));
  });
  if (status !== 'SUCCEEDED')
    throw new Error(`${what} says that ${workflow} is ${status} instead of SUCCEEDED`);
}

/** For how long the status is waited for, where there is so much time. */
const mostSeconds = 10;
const secondsUntil = (end: number): number =>
  Math.max(0, Math.min(mostSeconds, Math.floor((end - Date.now()) / 1000)));

function ended(workflow: string, { what, text }: Answered): { what: string; status: string } {
  const { status } = Status.parse(JSON.parse(text));
  if (status === 'RUNNING') throw new Error(`${what} says that ${workflow} is still RUNNING`);
  return { what, status };
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
  const what = `${method} ${new URL(url).pathname}`;
  try {
    const response = await fetch(url, {
      method,
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      signal: AbortSignal.timeout(answerWithinMs),
      ...(body && { body: JSON.stringify(body) }),
    });
    return { what, status: response.status, text: await response.text() };
  } catch (error) {
    throw new Error(`${what} was not answered: ${reasonOf(error)}`, { cause: error });
  }
}

/** What fetch says itself is always the same; its cause tells more. */
function reasonOf(error: unknown): string {
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return reason instanceof Error ? reason.message : String(reason);
}

function expectStatus(answered: Answered, expected: number): Answered {
  if (answered.status === expected) return answered;
  throw new Error(
    `${answered.what} answered ${answered.status} instead of ${expected}: ${answered.text.slice(0, 300)}`,
  );
}

/** Tries again until it holds; throws the last failure when the time is over. */
async function until<T>(
  { end, everyMs }: { end: number; everyMs: number },
  attempt: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() + everyMs > end) throw error;
    }
    await sleep(everyMs);
  }
}
