/** A process driver over a folder of its own for each test of a block, and what is asked of it. */
import { afterEach, beforeEach, expect } from 'vitest';
import type { DrivenStart, Driver, Listed, Observed } from '../../../src/instances/driver.ts';
import { type ProcessSubject, processSubject } from './process-subject.ts';

export const within = { timeout: 10_000, interval: 25 };

export function useProcessDriver() {
  let current: { readonly subject: ProcessSubject; readonly driver: Driver; readonly told: Listed[] };
  beforeEach(async () => {
    const subject = await processSubject();
    const driver = subject.open();
    const told: Listed[] = [];
    driver.onExit?.((ended) => told.push(ended));
    current = { subject, driver, told };
  });
  afterEach(async () => {
    current.driver.close?.();
    await current.subject.close();
  });
  const state =
    (start: DrivenStart, asked = current.driver) =>
    async (): Promise<string> =>
      (await asked.describe(start)).state;
  return {
    get subject() {
      return current.subject;
    },
    get driver() {
      return current.driver;
    },
    /** The ends that it told of. */
    get told() {
      return current.told;
    },
    state,
    logs: (start: DrivenStart) => async (): Promise<string> =>
      (await current.driver.logs(start, 50))?.join('\n') ?? '',
    async exitOf(start: DrivenStart): Promise<Observed['exit']> {
      await expect.poll(state(start), within).toBe('EXITED');
      return (await current.driver.describe(start)).exit;
    },
  };
}
