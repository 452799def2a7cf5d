/**
 * The orchestrator under test, as `npm start` runs it, in a process of its own. Over IPC it tells each recorded
 * end of an execution at once, and on request what was done since the last request and what CPU that took.
 */
import { parseManifest } from '../../src/manifest/model/manifest.ts';
import { startBenchSystem } from './bench-system.ts';
import { type Observed, observe, observeCalls } from './observation.ts';
import { manifestFor } from './three-steps.ts';

const peerPort = Number(process.argv[2]);
const usage = process.argv[3] === 'off' ? 'off' : 'on';

let phases: Record<string, { count: number; totalMs: number }> = {};
let cpu = process.cpuUsage();

function see({ phase, ms, endedId }: Observed): void {
  phases[phase] ??= { count: 0, totalMs: 0 };
  const sum = phases[phase];
  sum.count += 1;
  sum.totalMs += ms;
  if (endedId) process.send?.({ endedId, at: performance.timeOrigin + performance.now() });
}

function report(): object {
  const { user, system } = process.cpuUsage(cpu);
  const done = { phases, cpuMs: (user + system) / 1000 };
  phases = {};
  cpu = process.cpuUsage();
  return done;
}

observe(see);
observeCalls(peerPort, see);
const { endpoints } = await startBenchSystem(parseManifest(manifestFor(peerPort), {}), { usage });
process.on('message', () => process.send?.(report()));
process.send?.({ endpoints });
