/** From the start of a child to the end of all that it has forked: how it ends, by itself or because it was asked. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isGroupAlive, signalGroup } from '../process-group.ts';
import type { Child } from './child.ts';

export interface Life {
  /** The child itself has ended; what it has forked perhaps not yet. */
  readonly died: Promise<string>;
  /** Nothing of it runs any more, and what it said has been heard. With how it ended, such as `with code 1`. */
  readonly over: Promise<string>;
  /** Asks it to end, and ends it by force after the grace. */
  stop(): void;
}

const lookMs = 25;
/** How long is waited for what has no reason to take time: the end after SIGKILL, the last of what it said. */
const lastMs = 1_000;

export function live(child: Child, graceSeconds: number): Life {
  let endAtMs: number | undefined;
  let forced = false;
  const kill = (): void => {
    forced = true;
    signalGroup(child.pid, 'SIGKILL');
  };
  const exit = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal === null ? `with code ${code}` : `by ${signal}`));
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const over = async (): Promise<string> => {
    const how = await exit;
    const byForce = forced;
    // What ends by itself leaves nothing behind that could be in the way of the next one.
    while (isGroupAlive(child.pid) && performance.now() < (endAtMs ?? 0)) await sleep(lookMs);
    signalGroup(child.pid, 'SIGKILL');
    const lastAtMs = performance.now() + lastMs;
    while (isGroupAlive(child.pid) && performance.now() < lastAtMs) await sleep(lookMs);
    await Promise.race([closed, sleep(lastMs, undefined, { ref: false })]);
    return byForce ? `${how}, as it did not end within ${graceSeconds} s` : how;
  };
  return {
    died: exit,
    over: over(),
    stop() {
      if (endAtMs !== undefined) return;
      endAtMs = performance.now() + graceSeconds * 1000;
      child.stdin.end();
      signalGroup(child.pid, 'SIGTERM');
      const timer = setTimeout(kill, graceSeconds * 1000);
      void exit.then(() => clearTimeout(timer));
    },
  };
}
