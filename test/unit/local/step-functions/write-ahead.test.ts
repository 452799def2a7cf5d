import { describe, expect, it } from 'vitest';
import { parseDefinition } from '../../../../local/step-functions/asl/parse-definition.ts';
import { Execution } from '../../../../local/step-functions/running/execution.ts';
import { Run } from '../../../../local/step-functions/running/run.ts';
import { driveExecution } from '../../../../local/step-functions/running/run-frame.ts';
import { Timers } from '../../../../local/step-functions/timers.ts';

const parsed = parseDefinition(
  JSON.stringify({
    QueryLanguage: 'JSONata',
    StartAt: 'A',
    States: {
      A: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Arguments: { FunctionName: 'f' },
        End: true,
      },
    },
  }),
);

/** Starts one execution; `written` decides when its journal is written. */
function begin(written: () => Promise<void>) {
  if (!parsed.ok) throw new Error('the definition does not parse');
  const names = { arn: 'a', name: 'e', machineArn: 'm', machineName: 'm', roleArn: 'r', revisionId: 'r' };
  const execution = new Execution({ ...names, number: 1, inputText: '{}', startDate: 1 }, parsed.program);
  const calls: string[] = [];
  const run = new Run(execution, {
    timers: new Timers(),
    invokeFunction: async ({ functionName }) => {
      calls.push(functionName);
      return { payload: 'done' };
    },
    children: {
      start: () => ({ error: 'None', cause: 'no execution is started here' }),
      get: () => undefined,
      onClosed: () => () => undefined,
      stop: () => undefined,
    },
    append: () => undefined,
    written,
    closed: () => undefined,
  });
  return { execution, calls, driving: driveExecution(run) };
}

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a function', () => {
  it('is called only once everything before it is in the journal', async () => {
    let write: () => void = () => undefined;
    const writing = new Promise<void>((resolve) => {
      write = resolve;
    });
    const { execution, calls, driving } = begin(() => writing);
    await soon();
    expect(calls).toEqual([]);
    write();
    await driving;
    expect([calls, execution.status]).toEqual([['f'], 'SUCCEEDED']);
  });

  it('is not called, and its execution stays open, when the journal cannot be written', async () => {
    const { execution, calls, driving } = begin(() => Promise.reject(new Error('disk full')));
    await driving;
    expect([calls, execution.status]).toEqual([[], 'RUNNING']);
  });
});
