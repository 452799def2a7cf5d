/** The drivers of local mode. What they have started is looked after at once when it ends. */
import type { Driver, Drivers } from '../src/instances/driver.ts';
import { createProcessDriver } from '../src/lifecycle/drivers/process/process-driver.ts';

export interface LocalDriversOptions {
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told of the service of an instance that has ended. */
  readonly onExit: (service: string) => void;
}

export function createLocalDrivers({
  dataDir,
  env,
  onExit,
}: LocalDriversOptions): Drivers & { close(): void } {
  const all: Driver[] = [createProcessDriver({ dataDir, env })];
  for (const driver of all) driver.onExit?.(({ service }) => onExit(service));
  return Object.assign(new Map(all.map((driver) => [driver.kind, driver])), {
    close() {
      for (const driver of all) driver.close?.();
    },
  });
}
