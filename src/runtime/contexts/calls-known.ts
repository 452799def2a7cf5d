/** How those that stop instances know of calls: counted where all are made in this process, else written down when they last. */
import type { Table } from '../../aws/table.ts';
import { late } from '../../base/late.ts';
import type { Log } from '../../base/log.ts';
import type { CallsKnown } from '../../calling/call-guard.ts';
import { createLastingCalls } from '../../calling/lasting-calls.ts';
import { newId } from '../clock-and-ids.ts';
import type { SharedConfig } from '../config.ts';

export function callsKnown(
  { CALLS_COUNTED: counted, INSTANCE_NEWS: news }: Pick<SharedConfig, 'CALLS_COUNTED' | 'INSTANCE_NEWS'>,
  instances: Table,
  log: Log,
): CallsKnown {
  if (counted) return { counted, failing: news?.failing.tell };
  const store = late(async () =>
    (await import('../../instances/store/lasting-call-store.ts')).createLastingCallStore(instances),
  );
  return { lasting: createLastingCalls({ store, newId, log }) };
}
