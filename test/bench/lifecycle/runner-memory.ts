/** What the runner of one instance takes, with the instance itself left out, as Linux tells it in `/proc`. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ServiceRegistration } from '../../../src/registry/services/model/service-registration.ts';
import { drivenService } from '../../system/driven-services.ts';
import { type Fleet, healthyInstance, startFleet } from './fleet.ts';

const stdioServer = fileURLToPath(new URL('../../contract/lifecycle/stdio-server.mjs', import.meta.url));

/** Bytes; NaN where it cannot be told. */
export interface Memory {
  readonly resident: number;
  /** Its own, and its share of what several processes have mapped, such as Node itself. */
  readonly proportional: number;
}

export interface RunnerMemory {
  readonly http: Memory;
  readonly stdio: Memory;
}

export async function measureRunnerMemory(): Promise<RunnerMemory> {
  const overStdio = ServiceRegistration.parse({
    ...drivenService({ name: 'stdio' }),
    transport: 'mcp',
    driver: { kind: 'process', settings: { command: [process.execPath, stdioServer] } },
    healthCheck: { kind: 'mcp', intervalSeconds: 5 },
  });
  const fleet = await startFleet([drivenService({ name: 'http' }), overStdio]);
  try {
    return { http: await memoryOfRunner(fleet, 'http'), stdio: await memoryOfRunner(fleet, 'stdio') };
  } finally {
    await fleet.stop();
  }
}

async function memoryOfRunner(fleet: Fleet, service: string): Promise<Memory> {
  const { lifecycle } = await healthyInstance(fleet, service);
  const runner = numberIn(`/proc/${lifecycle.ref}/status`, /^PPid:\s+(\d+)/m);
  return {
    resident: numberIn(`/proc/${runner}/status`, /^VmRSS:\s+(\d+) kB/m) * 1024,
    proportional: numberIn(`/proc/${runner}/smaps_rollup`, /^Pss:\s+(\d+) kB/m) * 1024,
  };
}

function numberIn(path: string, pattern: RegExp): number {
  try {
    return Number(pattern.exec(readFileSync(path, 'utf8'))?.[1] ?? Number.NaN);
  } catch {
    return Number.NaN;
  }
}
