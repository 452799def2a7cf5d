/** Recovery, at every single moment: an execution cut off after any of its entries goes on to the same end. */
import { describe, expect, it } from 'vitest';
import { parseDefinition } from '../../../../local/step-functions/asl/parse-definition.ts';
import type { Program } from '../../../../local/step-functions/asl/program.ts';
import { JournalRecord } from '../../../../local/step-functions/journal/record.ts';
import { RestoredEngine } from '../../../../local/step-functions/journal/restored-engine.ts';
import type { Entry } from '../../../../local/step-functions/running/entry.ts';
import { Execution } from '../../../../local/step-functions/running/execution.ts';
import { Run } from '../../../../local/step-functions/running/run.ts';
import { driveExecution } from '../../../../local/step-functions/running/run-frame.ts';

const task = (payload: unknown, more: object): object => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: 'f', Payload: payload },
  ...more,
});
const retried = { Retry: [{ ErrorEquals: ['Flaky'], MaxAttempts: 3 }] };
const attempt = '{% $states.context.State.RetryCount %}';

const definition = JSON.stringify({
  QueryLanguage: 'JSONata',
  StartAt: 'Set',
  States: {
    Set: { Type: 'Pass', Assign: { base: 10 }, Next: 'Flaky' },
    Flaky: task(
      { key: 'flaky', attempt, failures: 2 },
      { ...retried, Assign: { tries: '{% $states.result.Payload %}' }, Next: 'Caught' },
    ),
    Caught: task(
      { key: 'caught', failures: 9 },
      {
        Catch: [{ ErrorEquals: ['Flaky'], Assign: { why: '{% $states.errorOutput.Error %}' }, Next: 'Rest' }],
        Next: 'Rest',
      },
    ),
    Rest: { Type: 'Wait', Seconds: 3600, Next: 'Both' },
    Both: {
      Type: 'Parallel',
      Branches: [
        {
          StartAt: 'L1',
          States: {
            L1: task({ key: 'l1' }, { Next: 'L2' }),
            L2: { Type: 'Pass', Output: '{% $base + 1 %}', End: true },
          },
        },
        {
          StartAt: 'Each',
          States: {
            Each: {
              Type: 'Map',
              Items: [1, 2, 3],
              ItemSelector: { n: '{% $states.context.Map.Item.Value * $base %}' },
              MaxConcurrency: 2,
              ToleratedFailureCount: 1,
              ItemProcessor: {
                StartAt: 'Big',
                States: {
                  Big: {
                    Type: 'Choice',
                    Choices: [{ Condition: '{% $states.input.n = 20 %}', Next: 'No' }],
                    Default: 'Yes',
                  },
                  No: { Type: 'Fail', Error: 'Twenty' },
                  Yes: task(
                    { key: '{% "yes" & $states.input.n %}', attempt, failures: 1 },
                    { ...retried, Output: '{% $states.result.Payload %}', End: true },
                  ),
                },
              },
              Output: '{% [$states.result.($type($) = "object" ? Error : $)] %}',
              End: true,
            },
          },
        },
      ],
      Assign: { both: '{% $states.result %}' },
      Next: 'Lose',
    },
    Lose: {
      Type: 'Parallel',
      Branches: [
        {
          StartAt: 'Never',
          States: { Never: { Type: 'Wait', Timestamp: '9999-01-01T00:00:00Z', End: true } },
        },
        { StartAt: 'Loses', States: { Loses: { Type: 'Fail', Error: 'Lost', Cause: 'on purpose' } } },
      ],
      Catch: [{ ErrorEquals: ['Lost'], Next: 'LoseToo' }],
      End: true,
    },
    LoseToo: {
      Type: 'Map',
      Items: [1, 2],
      ItemProcessor: {
        StartAt: 'First',
        States: {
          First: {
            Type: 'Choice',
            Choices: [{ Condition: '{% $states.input = 2 %}', Next: 'Fails' }],
            Default: 'Waits',
          },
          Fails: { Type: 'Fail', Error: 'Lost' },
          Waits: { Type: 'Wait', Timestamp: '9999-01-01T00:00:00Z', End: true },
        },
      },
      Catch: [{ ErrorEquals: ['Lost'], Next: 'Last' }],
      End: true,
    },
    Last: {
      Type: 'Pass',
      Output: ['{% $states.input.Error %}', '{% $tries %}', '{% $why %}', '{% $both %}'],
      End: true,
    },
  },
});

const expected = ['Lost', 'flaky after 2', 'Flaky', [11, ['yes10 after 1', 'Twenty', 'yes30 after 1']]];

const start = {
  number: 1,
  arn: 'arn:aws:states:us-east-1:000000000000:execution:m:e',
  name: 'e',
  machineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:m',
  machineName: 'm',
  roleArn: 'role',
  revisionId: 'r',
  inputText: '{}',
  startDate: 1,
};

function programOf(text: string): Program {
  const parsed = parseDefinition(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.program;
}

/** Runs an execution to its end; waits shorter than a century are over at once. */
async function finish(
  execution: Execution,
  first: (run: Run) => void = () => undefined,
): Promise<{ entries: Entry[]; calls: string[] }> {
  const entries: Entry[] = [];
  const calls: string[] = [];
  const centuryFromNow = Date.now() + 100 * 365 * 24 * 3_600_000;
  const run = new Run(execution, {
    timers: {
      at: (moment, ring) => {
        if (moment < centuryFromNow) setImmediate(ring);
        return () => undefined;
      },
    },
    invokeFunction: async ({ payload }) => {
      const { key, attempt: tried = 0, failures = 0 } = Object(payload);
      calls.push(`${key} ${tried}`);
      if (tried < failures)
        return { payload: { errorType: 'Flaky', errorMessage: '' }, functionError: 'Unhandled' };
      return { payload: `${key} after ${tried}` };
    },
    children: {
      start: () => ({ error: 'None', cause: 'no execution is started here' }),
      get: () => undefined,
      onClosed: () => () => undefined,
      stop: () => undefined,
    },
    append: (_, entry) => entries.push(JSON.parse(JSON.stringify(entry))),
    written: () => Promise.resolve(),
    closed: () => undefined,
  });
  first(run);
  await driveExecution(run);
  return { entries, calls };
}

/** The execution as it is read back from a journal that ends after these entries. */
function restored(entries: readonly Entry[], text = definition): Execution {
  const journal = new RestoredEngine();
  const lines = [
    { kind: 'revision', id: 'r', definition: text },
    { kind: 'start', ...start },
    ...entries.map((entry) => ({ kind: 'entry', execution: 1, ...entry })),
  ];
  for (const line of lines) journal.add(JournalRecord.parse(JSON.parse(JSON.stringify(line))));
  const [execution] = journal.executions();
  if (execution === undefined) throw new Error('nothing was restored');
  return execution;
}

/** The iteration that loses may be given up at either of these: an expression may take long on a busy machine. */
const ofLoser: readonly unknown[] = ['First', 'Waits'];

/** Types of the history, sorted; what a crash may repeat, and how far the loser came, is left out. */
const eventTypes = (execution: Execution): string[] =>
  (execution.history ?? [])
    .filter(({ entry }) => !ofLoser.includes(entry.name))
    .map(({ entry }) => entry.type)
    .filter((type) => !type.endsWith('Aborted'))
    .sort();

const finishedCalls = (entries: readonly Entry[]): number =>
  entries.filter(({ type }) => type === 'TaskSucceeded' || type === 'TaskFailed').length;

describe('an execution', () => {
  it('that is cut off after any of its entries ends the same, and repeats no call that was answered', async () => {
    const whole = new Execution(start, programOf(definition));
    const { entries, calls } = await finish(whole);
    expect(JSON.parse(whole.outputText ?? 'null')).toEqual(expected);
    expect(entries.length).toBeGreaterThan(60);
    for (let cut = 0; cut <= entries.length; cut++) {
      const kept = entries.slice(0, cut);
      const execution = restored(kept);
      const rest = await finish(execution);
      expect({ cut, status: execution.status }).toEqual({ cut, status: 'SUCCEEDED' });
      expect(JSON.parse(execution.outputText ?? 'null')).toEqual(expected);
      expect({ cut, types: eventTypes(execution) }).toEqual({ cut, types: eventTypes(whole) });
      expect({ cut, calls: rest.calls.length }).toEqual({ cut, calls: calls.length - finishedCalls(kept) });
    }
  });

  it.each(['Retry', 'WaitUntil'])(
    'that is cut off after %s still goes on at the moment that was decided',
    async (type) => {
      const { entries } = await finish(new Execution(start, programOf(definition)));
      const cut = entries.findIndex((entry) => entry.type === type);
      expect(restored(entries.slice(0, cut + 1)).root?.visit?.resumeAt).toBe(entries[cut]?.until);
      expect(entries[cut]?.until).toBeGreaterThan(1_700_000_000_000);
    },
  );

  it('that was redriven and is cut off after any entry since goes on from the redrive', async () => {
    const redrives = '{% $states.context.Execution.RedriveCount %}';
    const branch = (key: string, failures: number) => ({
      StartAt: key,
      States: { [key]: task({ key, attempt: redrives, failures }, { End: true }) },
    });
    const redrivable = JSON.stringify({
      QueryLanguage: 'JSONata',
      StartAt: 'Both',
      States: {
        Both: {
          Type: 'Parallel',
          Branches: [branch('sound', 0), branch('broken', 1)],
          Output: '{% [$states.result.Payload] %}',
          End: true,
        },
      },
    });
    const whole = new Execution(start, programOf(redrivable));
    const first = await finish(whole);
    expect([whole.status, first.calls.sort()]).toEqual(['FAILED', ['broken 0', 'sound 0']]);
    const redriven = await finish(whole, (run) => run.redrive(undefined));
    expect([whole.status, whole.outputText, redriven.calls]).toEqual([
      'SUCCEEDED',
      '["sound after 0","broken after 1"]',
      ['broken 1'],
    ]);
    for (let cut = 1; cut <= redriven.entries.length; cut++) {
      const kept = redriven.entries.slice(0, cut);
      const execution = restored([...first.entries, ...kept], redrivable);
      const rest = await finish(execution);
      expect({ cut, status: execution.status, redrives: execution.redriveCount }).toEqual({
        cut,
        status: 'SUCCEEDED',
        redrives: 1,
      });
      expect({ cut, calls: rest.calls.length }).toEqual({ cut, calls: 1 - finishedCalls(kept) });
      expect(execution.outputText).toBe('["sound after 0","broken after 1"]');
    }
  });

  it('has the same history when it is read back', async () => {
    const whole = new Execution(start, programOf(definition));
    const { entries } = await finish(whole);
    const again = restored(entries);
    const plain = (execution: Execution) =>
      execution.history?.map(({ id, previousId, entry: { type, name, input, output, frame } }) => ({
        id,
        previousId,
        type,
        name,
        input,
        output,
        frame,
      }));
    expect(plain(again)).toEqual(plain(whole));
    expect([again.status, again.outputText, again.stopDate]).toEqual([
      whole.status,
      whole.outputText,
      whole.stopDate,
    ]);
  });
});
