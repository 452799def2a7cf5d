/** A driver whose instances all run, at one address, and cost nothing: what is measured is whoever looks after them. */
import type { DrivenStart, Driver, Listed, Observed } from '../../../src/instances/driver.ts';

export function createFakeDriver(url: string): Driver {
  const started = new Map<string, Listed>();
  const runs = (start: DrivenStart): Observed => {
    const { service, id, token } = start;
    const one = started.get(token) ?? { service, id, token, state: 'RUNNING', ref: token, url };
    started.set(token, one);
    return one;
  };
  return {
    kind: 'process',
    start: async (start) => runs(start),
    describe: async ({ token }) => started.get(token) ?? { state: 'GONE' },
    stop: async ({ token }) => void started.delete(token),
    list: async () => [...started.values()],
    logs: async () => [],
  };
}
