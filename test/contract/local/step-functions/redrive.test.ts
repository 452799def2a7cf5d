import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  RedriveExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StatusChange } from '../../../../local/step-functions/start.ts';
import { ending, errorName, fails, invoke, type LocalFunction, startEngine } from './local-engine.ts';

const calls: string[] = [];
const broken = new Set<string>();
const hanging = new Set<string>();

const functions: Record<string, LocalFunction> = {
  work: async (payload) => {
    const { key } = Object(payload);
    calls.push(key);
    if (hanging.has(key)) await new Promise(() => undefined);
    if (broken.has(key)) fails('Broken', `${key} is broken`);
    return `${key} done`;
  },
};

const callsOf = (prefix: string): string[] => calls.filter((key) => key.startsWith(prefix)).sort();
const work = (key: string, more?: object): object => invoke('work', { key }, more);

describe('a redrive', () => {
  let engine: Awaited<ReturnType<typeof startEngine>>;
  const changes: StatusChange[] = [];
  beforeAll(async () => {
    engine = await startEngine({ functions, onStatusChange: (change) => changes.push(change) });
  });
  afterAll(() => engine.close());

  const redrive = (executionArn: string, clientToken?: string) =>
    engine.client.send(new RedriveExecutionCommand({ executionArn, clientToken }));
  const describe_ = (executionArn: string) =>
    engine.client.send(new DescribeExecutionCommand({ executionArn }));

  it('goes on at the task that failed: finished states and variables are kept', async () => {
    broken.add('seq-b');
    const { executionArn, error } = await engine.run({
      A: work('seq-a', { Assign: { a: '{% $states.result.Payload %}' }, Next: 'B' }),
      B: work('seq-b', { Output: '{% [$a, $states.result.Payload] %}', End: true }),
    });
    expect(error).toBe('Broken');
    broken.delete('seq-b');
    await redrive(executionArn);
    const { status, output } = await ending(engine.client, executionArn);
    expect([status, output]).toEqual(['SUCCEEDED', ['seq-a done', 'seq-b done']]);
    expect(callsOf('seq')).toEqual(['seq-a', 'seq-b', 'seq-b']);
    expect((await engine.eventTypes(executionArn)).slice(-7)).toEqual([
      'ExecutionFailed',
      'ExecutionRedriven',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
    expect(await describe_(executionArn)).toMatchObject({ redriveCount: 1, redriveStatus: 'NOT_REDRIVABLE' });
  });

  it('runs only the branches and iterations again that did not succeed', async () => {
    broken.add('par-2');
    hanging.add('par-3');
    const branch = (key: string) => ({ StartAt: key, States: { [key]: work(key) } });
    const machine = await engine.create({
      Both: {
        Type: 'Parallel',
        Branches: [
          branch('par-1'),
          {
            StartAt: 'Each',
            States: {
              Each: {
                Type: 'Map',
                Items: ['par-1x', 'par-2', 'par-3'],
                ItemProcessor: { StartAt: 'I', States: { I: work('{% $states.input %}') } },
                End: true,
              },
            },
          },
        ],
        End: true,
      },
    });
    const executionArn = await engine.start(machine);
    expect((await ending(engine.client, executionArn)).error).toBe('Broken');
    expect(callsOf('par')).toEqual(['par-1', 'par-1x', 'par-2', 'par-3']);
    broken.clear();
    hanging.clear();
    await redrive(executionArn);
    expect((await ending(engine.client, executionArn)).output).toEqual([
      { ExecutedVersion: '$LATEST', Payload: 'par-1 done', StatusCode: 200 },
      ['par-1x', 'par-2', 'par-3'].map((key) => ({
        ExecutedVersion: '$LATEST',
        Payload: `${key} done`,
        StatusCode: 200,
      })),
    ]);
    expect(callsOf('par')).toEqual(['par-1', 'par-1x', 'par-2', 'par-2', 'par-3', 'par-3']);
  });

  it('counts retries anew and lets the time-out of the machine begin again', async () => {
    broken.add('again');
    const Retry = [{ ErrorEquals: ['Broken'], MaxAttempts: 1, IntervalSeconds: 1, JitterStrategy: 'FULL' }];
    const failed = await engine.run({ A: work('again', { Retry, End: true }) });
    await redrive(failed.executionArn);
    expect((await ending(engine.client, failed.executionArn)).status).toBe('FAILED');
    expect(callsOf('again')).toHaveLength(4);

    const late = await engine.run({ A: { Type: 'Wait', Seconds: 2, End: true } }, {}, { TimeoutSeconds: 1 });
    expect(late.status).toBe('TIMED_OUT');
    await redrive(late.executionArn);
    expect((await describe_(late.executionArn)).status).toBe('RUNNING');
    expect((await ending(engine.client, late.executionArn)).status).toBe('TIMED_OUT');
  });

  it('goes on after a stop, shows its count to expressions, and tells its changes with it', async () => {
    hanging.add('stopped');
    const count = '{% $states.context.Execution.RedriveCount %}';
    const machine = await engine.create({ A: work('stopped', { Output: count, End: true }) });
    const executionArn = await engine.start(machine);
    await expect.poll(() => callsOf('stopped')).toHaveLength(1);
    await engine.client.send(new StopExecutionCommand({ executionArn }));
    hanging.clear();
    await redrive(executionArn);
    expect((await ending(engine.client, executionArn)).output).toBe(1);
    const told = changes.filter((change) => change.executionArn === executionArn);
    expect(told.map(({ status, redriveCount }) => [status, redriveCount])).toEqual([
      ['RUNNING', 0],
      ['ABORTED', 0],
      ['RUNNING', 1],
      ['SUCCEEDED', 1],
    ]);
    const { executions } = await engine.client.send(new ListExecutionsCommand({ stateMachineArn: machine }));
    expect(executions?.[0]).toMatchObject({ redriveCount: 1, redriveDate: expect.any(Date) });
  });

  it('is one redrive for one client token, and is refused while the execution runs or has succeeded', async () => {
    hanging.add('token');
    const machine = await engine.create({ A: work('token') });
    const executionArn = await engine.start(machine);
    expect(await errorName(redrive(executionArn))).toBe('ExecutionNotRedrivable');
    await engine.client.send(new StopExecutionCommand({ executionArn }));
    const [first, second] = [await redrive(executionArn, 'one'), await redrive(executionArn, 'one')];
    expect(second.redriveDate).toEqual(first.redriveDate);
    expect((await describe_(executionArn)).redriveCount).toBe(1);
    const passed = await engine.run({ A: { Type: 'Pass', End: true } });
    expect(await errorName(redrive(passed.executionArn))).toBe('ExecutionNotRedrivable');
    expect((await describe_(passed.executionArn)).redriveStatusReason).toBe(
      'Execution is SUCCEEDED and cannot be redriven',
    );
  });
});
