/** How those that stop instances know of calls: counted where all are made in this process, else written down when they last. */
import type { Table } from '../../aws/table.ts';
import { late } from '../../base/late.ts';
import type { Log } from '../../base/log.ts';
import type { CallsKnown } from '../../calling/call-guard.ts';
import { createHasteningCheck } from '../../calling/hastening-check.ts';
import { createLastingCalls } from '../../calling/lasting-calls.ts';
import { newId } from '../clock-and-ids.ts';
import type { CallingConfig } from '../config.ts';
import { lateInvokeEvent } from '../invoke-event.ts';

export function callsKnown(
  {
    CALLS_COUNTED: counted,
    INSTANCE_NEWS: news,
    CHECK_HEALTH_FUNCTION: checkHealth,
  }: Pick<CallingConfig, 'CALLS_COUNTED' | 'INSTANCE_NEWS' | 'CHECK_HEALTH_FUNCTION'>,
  instances: Table,
  log: Log,
): CallsKnown {
  if (counted)
    return { counted, failing: news && (({ url }) => news.failing.tell(url)), passing: news?.passing.listen };
  const store = late(async () =>
    (await import('../../instances/store/lasting-call-store.ts')).createLastingCallStore(instances),
  );
  return {
    lasting: createLastingCalls({ store, newId, log }),
    failing: checkHealth === undefined ? undefined : createHasteningCheck(lateInvokeEvent(checkHealth), log),
  };
}
