/** How executions are: those that are open, those that failed lately, and decisions that are waited for. */
import * as z from 'zod';
import type { ExecutionOperationContext } from '../../executions/operations/context.ts';
import type { ListedExecution } from '../../executions/store/execution-lists.ts';

const AtLeast = z.object({
  count: z.number().int(),
  atLeast: z.boolean().describe('Whether there may be more'),
});

export const Executions = z.object({
  open: AtLeast,
  waitingApprovals: AtLeast,
  failed: AtLeast.extend({
    newest: z.array(
      z.object({
        workflowId: z.string(),
        workflow: z.string(),
        closedAt: z.string(),
        code: z.string().optional().describe('Of the error with which it ended'),
      }),
    ),
  }).describe('FAILED or TIMED_OUT within the last hour, of those that were started within the last day'),
});

type Context = Pick<ExecutionOperationContext, 'executionLists' | 'steps' | 'clock'>;

const mostCounted = 100;
const mostOpen = 1_000;
const mostNamed = 5;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export async function executionsNow(context: Context): Promise<z.infer<typeof Executions>> {
  const [open, waiting, failed, timedOut] = await Promise.all([
    context.executionLists.open({ from: '0', before: '~' }, mostOpen),
    context.steps.awaitingApproval({ limit: mostCounted, cursor: undefined }, context.clock.now()),
    endedLately(context, 'FAILED'),
    endedLately(context, 'TIMED_OUT'),
  ]);
  const newest = [...failed.ended, ...timedOut.ended].sort((a, b) => (a.closedAt > b.closedAt ? -1 : 1));
  return {
    open: { count: open.length, atLeast: open.length === mostOpen },
    waitingApprovals: { count: waiting.records.length, atLeast: waiting.nextCursor !== undefined },
    failed: {
      count: newest.length,
      atLeast: failed.more || timedOut.more,
      newest: newest.slice(0, mostNamed),
    },
  };
}

async function endedLately({ executionLists, clock }: Context, status: 'FAILED' | 'TIMED_OUT') {
  const nowMs = clock.now();
  const { executions, nextCursor } = await executionLists.list({
    status,
    from: new Date(nowMs - dayMs).toISOString(),
    to: new Date(nowMs + dayMs).toISOString(),
    limit: mostCounted,
  });
  const since = new Date(nowMs - hourMs).toISOString();
  return { ended: executions.flatMap((one) => endedSince(one, since)), more: nextCursor !== undefined };
}

const endedSince = ({ id, workflow, closedAt, error }: ListedExecution, since: string) =>
  closedAt === undefined || closedAt < since
    ? []
    : [{ workflowId: id, workflow, closedAt, ...(error && { code: error.code }) }];
