/**
 * Runs definitions as the system does: validated, compiled, created and started through the Step Functions
 * API of the local engine, with a run-step function that answers by the rules of a test.
 */
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { FunctionResult } from '../../../local/step-functions/start.ts';
import { occurrenceOf, RunStepTask, type StepTask } from '../../../src/executions/model/step-task.ts';
import { compileWorkflow } from '../../../src/workflows/compiler/compile.ts';
import { validateWorkflow } from '../../../src/workflows/compiler/validate.ts';
import { startTestStepFunctions } from '../../system/step-functions.ts';

/** What run-step answers to a task: a result, or a `StepFailure` thrown. */
export type Answer = (task: StepTask) => unknown;

export class StepFailure extends Error {
  override readonly name: string;
  constructor(code: string) {
    super(`the step failed with ${code}`);
    this.name = code;
  }
}

export interface Run {
  /** The execution, as expressions see it. */
  execution: { id: string; startedAt: string };
  status: string;
  output: unknown;
  error: string | undefined;
  /** The tasks that run-step was given, in the order of the calls. */
  tasks: StepTask[];
  /** The states that were entered, in order. */
  entered: string[];
}

export interface WorkflowRunner {
  run(definition: unknown, input: unknown, answer?: Answer): Promise<Run>;
  close(): Promise<void>;
}

/** The arguments of a tool call, or the body of a request: what most tests want back. */
export const echo: Answer = ({ call }) => ('tool' in call ? call.arguments : (call.request.body ?? null));

/** A call whose result is its own arguments, with `echo`. */
export const call = (id: string, values: object = {}, rest: object = {}) => ({
  id,
  call: { service: 'tools', tool: 'echo', arguments: values },
  ...rest,
});
export const workflow = (steps: object[], rest: object = {}) => ({ name: 'tested', steps, ...rest });

/** Where the tasks ran, sorted. */
export const occurrences = (tasks: StepTask[]): string[] => tasks.map(occurrenceOf).sort();

function compiled(definition: unknown): string {
  const validation = validateWorkflow(definition, {});
  if (!validation.ok) throw new Error(JSON.stringify(validation.errors));
  return JSON.stringify(compileWorkflow(validation.definition, { runStepFunction: 'run-step' }));
}

export async function startWorkflowRunner(): Promise<WorkflowRunner> {
  const answers = new Map<string, { answer: Answer; tasks: StepTask[] }>();
  const waiting = new Map<string, () => void>();
  let runs = 0;

  /** Whoever decides approves, and other workflows succeed. */
  function callBack({ token, step }: { token: string; step: string }): FunctionResult {
    const output = JSON.stringify({ approved: true, value: step });
    const sent = client.send(new SendTaskSuccessCommand({ taskToken: token, output }));
    // Where another branch has failed, nobody waits any more.
    sent.catch((error: unknown) => {
      if (!(error instanceof Error && error.name === 'TaskTimedOut')) throw error;
    });
    return { payload: { waiting: true } };
  }

  async function invokeFunction({ payload }: { payload: unknown }): Promise<FunctionResult> {
    const task = RunStepTask.parse(payload);
    if ('token' in task) return callBack(task);
    const known = answers.get(task.executionId);
    known?.tasks.push(task);
    try {
      return { payload: (await known?.answer(task)) ?? null };
    } catch (thrown) {
      const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
      return { payload: { errorType: name, errorMessage: message }, functionError: 'Unhandled' };
    }
  }

  const engine = await startTestStepFunctions({
    invokeFunction,
    onStatusChange: ({ name, status }) => {
      if (status !== 'RUNNING') waiting.get(name)?.();
    },
  });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new SFNClient({ endpoint: engine.url, region: 'us-east-1', credentials });

  async function start(definition: unknown, input: unknown, name: string): Promise<string> {
    const { stateMachineArn } = await client.send(
      new CreateStateMachineCommand({
        name,
        definition: compiled(definition),
        roleArn: 'arn:aws:iam::000000000000:role/run',
      }),
    );
    const { executionArn } = await client.send(
      new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }),
    );
    return executionArn ?? '';
  }

  async function enteredBy(executionArn: string): Promise<string[]> {
    const { events = [] } = await client.send(
      new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000 }),
    );
    return events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
  }

  return {
    async run(definition, input, answer = echo) {
      runs += 1;
      const name = `run-${String(runs).padStart(4, '0')}`;
      const tasks: StepTask[] = [];
      answers.set(name, { answer, tasks });
      const ended = new Promise<void>((resolve) => waiting.set(name, resolve));
      const executionArn = await start(definition, input, name);
      await ended;
      const {
        status = '',
        output,
        error,
        startDate,
      } = await client.send(new DescribeExecutionCommand({ executionArn }));
      const entered = await enteredBy(executionArn);
      const execution = { id: name, startedAt: startDate?.toISOString() ?? '' };
      return {
        execution,
        status,
        output: output === undefined ? undefined : JSON.parse(output),
        error,
        tasks,
        entered,
      };
    },
    async close() {
      client.destroy();
      await engine.close();
    },
  };
}
