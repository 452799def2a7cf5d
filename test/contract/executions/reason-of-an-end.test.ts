/** What a cancel and a terminate leave in Step Functions. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cancelExecution, terminateExecution } from '../../../src/executions/cancel-execution.ts';
import { type Ring, startRing } from '../../risks/execution-ring.ts';

let ring: Ring;

beforeAll(async () => {
  ring = await startRing();
  await ring.define({ name: 'rests', steps: [{ id: 'rest', wait: { seconds: 60 } }] });
  await ring.define({ name: 'around', steps: [{ id: 'inner', workflow: { name: 'rests', input: {} } }] });
}, 60_000);

afterAll(() => ring.close());

it.each([
  [cancelExecution, 'wrong customer', 'Cancelled by request: wrong customer'],
  [cancelExecution, undefined, 'Cancelled by request'],
  [terminateExecution, 'wrong customer', 'Terminated by request: wrong customer'],
  [terminateExecution, undefined, 'Terminated by request'],
])('%o with the reason %o stops the machine with that cause', async (end, reason, cause) => {
  const { id, executionArn } = await ring.start('rests');
  await end(ring.context, id, reason);
  expect(await ring.context.stepFunctions.describe(executionArn)).toMatchObject({ status: 'ABORTED', cause });
});
