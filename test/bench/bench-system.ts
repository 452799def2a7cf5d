/** The orchestrator as `npm start` runs it, in a folder of its own that goes with it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalSystem, startSystem } from '../../local/system.ts';
import type { Manifest } from '../../src/domain/manifest.ts';

/** Ends with the process, or when its driver is gone. */
export async function startBenchSystem(manifest: Manifest): Promise<LocalSystem> {
  const dataDir = await mkdtemp(join(tmpdir(), 'orchestrator-bench-'));
  const system = await startSystem({
    host: '127.0.0.1',
    port: 0,
    stepFunctionsPort: 0,
    dynamodbPort: 0,
    dataDir,
    manifest,
    defaultWorkflow: undefined,
    adminKey: undefined,
    allowedHosts: [],
    allowedNetworks: [],
    retentionDays: 1,
    logLevel: 'INFO',
    logOutput: `file:${join(dataDir, 'log')}`,
  });
  const end = async (): Promise<void> => {
    await system.close();
    await rm(dataDir, { recursive: true, force: true });
    process.exit(0);
  };
  process.once('SIGTERM', () => void end());
  process.once('disconnect', () => void end());
  return system;
}
