/** An orchestrator with an empty registry, as `npm start` runs it, in a process of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSystem } from '../../local/system.ts';

const dataDir = await mkdtemp(join(tmpdir(), 'orchestrator-bench-'));
const system = await startSystem({
  host: '127.0.0.1',
  port: 0,
  stepFunctionsPort: 0,
  dynamodbPort: 0,
  dataDir,
  manifest: { services: [], workflows: [] },
  defaultWorkflow: undefined,
  adminKey: undefined,
  allowedHosts: [],
  allowedNetworks: [],
  retentionDays: 1,
  logLevel: 'INFO',
  logOutput: `file:${join(dataDir, 'log')}`,
});

async function end(): Promise<void> {
  await system.close();
  await rm(dataDir, { recursive: true, force: true });
  process.exit(0);
}
process.once('SIGTERM', () => void end());
process.once('disconnect', () => void end());
process.send?.({ endpoints: system.endpoints });
