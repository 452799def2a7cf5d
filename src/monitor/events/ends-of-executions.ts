/** What executions tell of their ends, as events. */
import type { ExecutionEnds } from '../../executions/ends-to-tell.ts';
import { EndStatus, type Execution } from '../../executions/model/execution.ts';
import type { EventDraft } from './model/event-catalogue.ts';
import type { Events } from './tell-events.ts';

export function endsOfExecutions(events: Events): ExecutionEnds {
  return {
    wanted: (workflow) => events.wanted('execution.ended', { services: [], workflows: [workflow] }),
    async tell(ended) {
      const draft = endedDraft(ended);
      if (draft) await events.tell([draft]);
    },
  };
}

function endedDraft(execution: Execution): EventDraft | undefined {
  const { id, workflow, version, stored, startedAt, closedAt, redriveCount, error } = execution;
  const status = EndStatus.safeParse(stored);
  if (!status.success || closedAt === undefined) return undefined;
  const data = {
    executionId: id,
    workflow,
    version,
    status: status.data,
    startedAt,
    endedAt: closedAt,
    retries: redriveCount,
    ...(error && { errorCode: error.code }),
    ...(error?.step !== undefined && { failedStep: error.step }),
  };
  return { type: 'execution.ended', time: closedAt, data };
}
