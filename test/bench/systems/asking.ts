/** How an execution is waited for: by the wait of the system, or by asking whether it has ended. Both are bounded. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DurableSystem, System } from './system.ts';

export type Way = 'waiting' | 'asking';

const askEveryMs = 20;
const endBoundMs = 60_000;

export const waitFor = (system: System, delayMs: number): Promise<string> =>
  within(system.name, system.run(delayMs));

/** Starts one and asks for it until it has ended. */
export async function askFor(system: DurableSystem, delayMs: number): Promise<void> {
  await askUntilEnded(system, await within(system.name, system.start(delayMs)));
}

export async function askUntilEnded(system: DurableSystem, id: string): Promise<void> {
  const bound = performance.now() + endBoundMs;
  do {
    if (performance.now() > bound) throw new Error(`${id} did not end`);
    await sleep(askEveryMs);
  } while (!(await within(system.name, system.hasEnded(id))));
}

async function within<T>(name: string, answer: Promise<T>): Promise<T> {
  const given = new AbortController();
  const late = sleep(endBoundMs, undefined, { signal: given.signal }).then(() => {
    throw new Error(`${name} did not answer within ${endBoundMs / 1000} s`);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    late.catch(() => undefined);
    given.abort();
  }
}
