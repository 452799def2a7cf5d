/** What the demo needs of the API, over HTTP like any client. */
import * as z from 'zod';
import { ExecutionStatus, Failure } from '../../src/executions/model/execution.ts';
import { StepView } from '../../src/executions/model/shown-step.ts';

const Started = z.object({ workflowId: z.string() });

export const Status = z.object({
  workflowId: z.string(),
  workflow: z.string(),
  status: ExecutionStatus,
  startedAt: z.string(),
  closedAt: z.string().optional(),
  output: z.unknown().optional(),
  error: Failure.optional(),
  steps: z.array(StepView),
});
export type Status = z.infer<typeof Status>;

/** An answer comes at once when the execution has ended; so often it tells how far it is. */
const waitSeconds = 1;
const boundMs = 60_000;
const open: readonly string[] = ['RUNNING', 'CANCELLING', 'COMPENSATING'];

export async function request(url: string, init: RequestInit = {}): Promise<unknown> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
  if (!response.ok)
    throw new Error(`${init.method ?? 'GET'} ${url} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

export async function startWorkflow(api: string, workflow: string, input: unknown): Promise<string> {
  const body = JSON.stringify({ workflow, input });
  return Started.parse(await request(`${api}/tools/start_workflow`, { method: 'POST', body })).workflowId;
}

/** Tells how far it is every second and at its end, and gives the last status. Throws when there is none within a minute. */
export async function follow(
  api: string,
  workflowId: string,
  onStatus: (status: Status) => void,
): Promise<Status> {
  const until = Date.now() + boundMs;
  while (Date.now() < until) {
    const status = Status.parse(
      await request(`${api}/resources/get_workflow_status/${workflowId}?wait=${waitSeconds}`),
    );
    onStatus(status);
    if (!open.includes(status.status)) return status;
  }
  throw new Error(`${workflowId} did not end within ${boundMs / 1000} s`);
}

export const setNotifyFailure = (notify: string, mode: 'off' | 'always'): Promise<unknown> =>
  request(`${notify}/failure`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ mode }),
  });
