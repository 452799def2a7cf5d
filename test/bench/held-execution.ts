/** An execution of three steps that stays in its third one until it is ended. */
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { createPlainClient } from './plain-client.ts';
import { tool } from './settings.ts';
import { serviceFor } from './three-steps.ts';

const held = 'held';
/** Longer than anything is measured. */
const heldMs = 800_000;
const boundMs = 30_000;
const Started = z.object({ workflowId: z.string() });
const Shown = z.object({ steps: z.array(z.object({ id: z.string(), status: z.string() })) });

export interface HeldExecution {
  readonly id: string;
  end(): Promise<void>;
}

/** Resolves when its third step is shown to run. */
export async function startHeld({ api }: { readonly api: string }, peerPort: number): Promise<HeldExecution> {
  const client = createPlainClient();
  const url = `http://127.0.0.1:${peerPort}/after/${heldMs}`;
  await client.post(`${api}/tools/register_service`, { name: held, transport: 'mcp', url });
  await client.post(`${api}/tools/define_workflow`, { name: held, steps });
  const answer = await client.post(`${api}/v1/executions`, { workflow: held });
  const { workflowId: id } = Started.parse(JSON.parse(answer));
  const isHeld = async (): Promise<boolean> => {
    const shown = Shown.parse(JSON.parse(await client.get(`${api}/v1/executions/${id}`)));
    return shown.steps.some((step) => step.id === 'third' && step.status === 'RUNNING');
  };
  for (const endsAt = performance.now() + boundMs; !(await isHeld()); await sleep(100))
    if (performance.now() > endsAt) throw new Error('The held execution did not come to its third step');
  return {
    id,
    async end() {
      await client.post(`${api}/tools/terminate_workflow`, { workflowId: id });
      client.close();
    },
  };
}

const call = (service: string) => ({ service, tool, arguments: { item: 'a parcel' } });

const steps = [
  { id: 'first', call: call(serviceFor(0)) },
  { id: 'second', call: call(serviceFor(0)) },
  { id: 'third', call: call(held), timeoutSeconds: heldMs / 1000 },
];
