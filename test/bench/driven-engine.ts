/** An engine with one machine, driven in its own process: starts are acknowledged and ends told as over HTTP. */
import { parseDefinition } from '../../local/step-functions/asl/parse-definition.ts';
import { type EngineOptions, openEngine } from '../../local/step-functions/engine.ts';
import type { Execution } from '../../local/step-functions/running/execution.ts';

const task = (payload: object | string, more: object) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: 'echo', Payload: payload },
  TimeoutSeconds: 30,
  Retry: [{ ErrorEquals: ['Lambda.TooManyRequestsException'], MaxAttempts: 2 }],
  ...more,
});
const machine = (states: object): string =>
  JSON.stringify({ QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states });
const result = '{% $states.result.Payload %}';

export const machines = {
  arn: 'arn:aws:states:us-east-1:000000000000:stateMachine:bench',
  threeTasks: machine({
    first: task({ item: '{% $states.input.item %}' }, { Assign: { first: result }, Next: 'second' }),
    second: task({ item: '{% $first.item %}' }, { Assign: { second: result }, Next: 'third' }),
    third: task({ item: '{% $second.item %}' }, { Output: result, End: true }),
  }),
  taskThenWait: machine({
    first: task('{% $states.input %}', { Assign: { first: result }, Next: 'wait' }),
    wait: { Type: 'Wait', Timestamp: '2999-01-01T00:00:00Z', End: true },
  }),
  mapOfTasks: machine({
    each: {
      Type: 'Map',
      Items: '{% $states.input.items %}',
      ItemProcessor: {
        StartAt: 'call',
        States: { call: task('{% $states.input %}', { Output: result, End: true }) },
      },
      End: true,
    },
  }),
  pass: machine({ pass: { Type: 'Pass', End: true } }),
};

type Opening = Pick<EngineOptions, 'journalFile' | 'compactionBound'>;

export async function openDriven(definition: string, opening: Opening) {
  const ends = new Map<string, () => void>();
  const engine = await openEngine({
    ...opening,
    invokeFunction: async ({ payload }) => ({ payload }),
    onStatusChange: ({ executionArn, status }) => {
      if (status !== 'RUNNING') ends.get(executionArn)?.();
    },
  });
  const parsed = parseDefinition(definition);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  const revisionId = engine.machines.addRevision(definition, parsed.program);
  const named = { name: 'bench', roleArn: 'role' };
  engine.machines.put({
    kind: 'machine',
    arn: machines.arn,
    ...named,
    revisionId,
    creationDate: 1,
    tags: [],
  });
  let begun = 0;
  const start = (input: object): Execution => {
    begun += 1;
    const name = `execution-${begun}`;
    const arn = `${machines.arn.replace('stateMachine', 'execution')}:${name}`;
    const inputText = JSON.stringify(input);
    const of = { machineArn: machines.arn, machineName: named.name, roleArn: named.roleArn, revisionId };
    return engine.executions.start({ arn, name, ...of, inputText }, parsed.program);
  };
  return {
    start,
    written: engine.written,
    close: engine.close,
    /** Resolves when the end is written and told. */
    async run(input: object): Promise<Execution> {
      const execution = start(input);
      const { arn } = execution.start;
      const end = new Promise<void>((resolve) => ends.set(arn, resolve));
      await engine.written();
      await end;
      ends.delete(arn);
      if (execution.status !== 'SUCCEEDED') throw new Error(`${execution.status}: ${execution.cause}`);
      return execution;
    },
    async allWait(): Promise<void> {
      const all = [...engine.executions.open()];
      while (all.some(({ root }) => root?.visit?.resumeAt === undefined))
        await new Promise((resolve) => setTimeout(resolve, 5));
    },
  };
}
