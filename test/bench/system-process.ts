/**
 * The orchestrator under test, as `npm start` runs it, in a process of its own. Over IPC it tells each recorded
 * end of an execution at once, and on request what was done since the last request and what CPU that took.
 */
import { parseManifest } from '../../src/manifest/model/manifest.ts';
import { startBenchSystem } from './bench-system.ts';
import { type Observed, observe, observeCalls } from './observation.ts';
import { serviceDelaysMs, serviceFor, tool, workflowFor } from './settings.ts';

const peerPort = Number(process.argv[2]);

const call = (delayMs: number, argument: string) => ({
  service: serviceFor(delayMs),
  tool,
  arguments: { item: argument },
});
const threeSteps = (delayMs: number) => ({
  name: workflowFor(delayMs),
  steps: [
    { id: 'first', call: call(delayMs, '{% $input.item %}') },
    { id: 'second', call: call(delayMs, '{% $first.item %}') },
    { id: 'third', call: call(delayMs, '{% $second.item %}') },
  ],
});
const service = (delayMs: number) => ({
  transport: 'mcp',
  url: `http://127.0.0.1:${peerPort}/after/${delayMs}`,
});
const manifest = {
  services: Object.fromEntries(serviceDelaysMs.map((delayMs) => [serviceFor(delayMs), service(delayMs)])),
  workflows: serviceDelaysMs.map(threeSteps),
};

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
const { endpoints } = await startBenchSystem(parseManifest(manifest, {}));
process.on('message', () => process.send?.(report()));
process.send?.({ endpoints });
