import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import type { WorkflowStore } from '../../workflows/store/workflow-store.ts';
import { unknownWorkflow, WorkflowName } from '../../workflows/workflow-summary.ts';
import { AttemptFigures, attemptFigures, Latency, latencyOf } from '../usage/model/figures.ts';
import { seriesOf } from '../usage/model/series.ts';
import type { Usage } from '../usage/model/usage.ts';
import { isoOfMinute, windowOf } from '../usage/model/window.ts';
import { byCount, readUsage, shownWindow, type UsageContext } from '../usage/read-usage.ts';
import { ShownWindow, windowFields } from '../usage/window-shapes.ts';

interface WorkflowMetricsContext extends UsageContext {
  readonly workflows: Pick<WorkflowStore, 'head'>;
}

const Executions = z.object({
  started: z.number().int(),
  ended: z.number().int().describe('All that ended, however they did'),
  succeeded: z.number().int(),
  failed: z.number().int(),
  timedOut: z.number().int(),
  cancelled: z.number().int(),
  terminated: z.number().int(),
  ...Latency.shape,
});

export const getWorkflowMetrics = defineOperation({
  id: 'get_workflow_metrics',
  summary:
    'Show how many executions of a workflow started and how they ended, how long they took, and the attempts of each step',
  input: z.strictObject({ name: WorkflowName, ...windowFields }),
  output: z.object({
    workflow: z.string(),
    ...ShownWindow,
    total: Executions,
    steps: z
      .array(AttemptFigures.extend({ step: z.string() }))
      .describe('Steps that call services; (other) where there were too many'),
    series: z.array(Executions.extend({ at: z.string().describe('The first moment of the point') })),
  }),
  errors: ['workflow.not-found'],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/workflows/{name}/metrics', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: WorkflowMetricsContext, { name, ...asked }) {
    const window = windowOf(asked, context.clock.now());
    const read = await readUsage(context, { kind: 'workflow', name }, window);
    if (read.minutes.length === 0 && !(await context.workflows.head(name)))
      throw unknownWorkflow(name, undefined);
    return {
      workflow: name,
      ...shownWindow(read),
      total: executionsOf(read.sum),
      steps: byCount(read.sum.parts).map(([step, tally]) => ({ step, ...attemptFigures(tally) })),
      series: seriesOf(read.minutes, read.window).map(({ minute, usage }) => ({
        at: isoOfMinute(minute),
        ...executionsOf(usage),
      })),
    };
  },
});

function executionsOf({ started, ended }: Usage): z.infer<typeof Executions> {
  const { FAILED = 0, TIMED_OUT = 0, CANCELLED = 0, TERMINATED = 0 } = ended.errors;
  return {
    started,
    ended: ended.count,
    succeeded: ended.count - FAILED - TIMED_OUT - CANCELLED - TERMINATED,
    failed: FAILED,
    timedOut: TIMED_OUT,
    cancelled: CANCELLED,
    terminated: TERMINATED,
    ...latencyOf(ended),
  };
}
