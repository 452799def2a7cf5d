/** The workflow that every system runs: three steps, each of which calls the service with what the one before gave. */
import { serviceDelaysMs, tool } from './settings.ts';

export const workflowFor = (delayMs: number): string => `three-steps-${delayMs}`;
export const serviceFor = (delayMs: number): string => `peer-${delayMs}`;

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

const service = (peerPort: number, delayMs: number) => ({
  transport: 'mcp',
  url: `http://127.0.0.1:${peerPort}/after/${delayMs}`,
});

/** As the orchestrator takes it. */
export const manifestFor = (peerPort: number): object => ({
  services: Object.fromEntries(
    serviceDelaysMs.map((delayMs) => [serviceFor(delayMs), service(peerPort, delayMs)]),
  ),
  workflows: serviceDelaysMs.map(threeSteps),
});
