/**
 * Stands in for a driver that is loaded when an instance first needs it: most systems use one or two. Until then it lists
 * nothing, as nothing was asked of it. Wherever it has started something there is a record, and so it is asked soon.
 */
import { once } from '../../base/once.ts';
import type { Driver, Listed } from '../../instances/driver.ts';
import type { DriverKind } from '../../registry/services/model/driver.ts';

export function lateDriver(kind: DriverKind, load: () => Promise<Driver>): Driver {
  const listeners: ((ended: Listed) => void)[] = [];
  let loaded: Driver | undefined;
  let closed = false;
  const driver = once(async () => {
    const fresh = await load();
    for (const told of listeners) fresh.onExit?.(told);
    if (closed) fresh.close?.();
    loaded = fresh;
    return fresh;
  });
  return {
    kind,
    start: async (start) => (await driver()).start(start),
    describe: async (start) => (await driver()).describe(start),
    stop: async (start) => (await driver()).stop(start),
    list: async () => await loaded?.list(),
    logs: async (start, lines) => (await driver()).logs(start, lines),
    resize: async (start, instances) => (await (await driver()).resize?.(start, instances)) ?? false,
    onExit(told) {
      listeners.push(told);
      loaded?.onExit?.(told);
    },
    close() {
      closed = true;
      loaded?.close?.();
    },
  };
}
