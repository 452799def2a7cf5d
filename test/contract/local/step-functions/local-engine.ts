/** A local Step Functions engine on a free port, with its functions given as plain code, and the real AWS client. */
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type {
  FunctionResult,
  StatusChange,
  StepFunctionsOptions,
} from '../../../../local/step-functions/start.ts';
import { startTestStepFunctions } from '../../../system/step-functions.ts';

export type LocalFunction = (payload: unknown, signal: AbortSignal) => unknown | Promise<unknown>;

export const roleArn = 'arn:aws:iam::000000000000:role/engine';

export interface EngineOptions {
  readonly functions?: Readonly<Record<string, LocalFunction>>;
  readonly journalFile?: string;
  readonly compactionBound?: StepFunctionsOptions['compactionBound'];
  readonly onStatusChange?: (change: StatusChange) => void;
}

/** A function that throws answers as Lambda does: its error name and message. */
async function answer(run: LocalFunction, payload: unknown, signal: AbortSignal): Promise<FunctionResult> {
  try {
    return { payload: await run(payload, signal) };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return { payload: { errorType: name, errorMessage: message }, functionError: 'Unhandled' };
  }
}

export const fails = (name: string, message = 'it failed'): never => {
  throw Object.assign(new Error(message), { name });
};

/** What the call rejects with: the exception name of AWS. */
export const errorName = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'no error',
    (error: unknown) => (error instanceof Error ? error.name : String(error)),
  );

export const clientOf = (endpoint: string): SFNClient =>
  new SFNClient({
    endpoint,
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });

export interface Outcome {
  readonly status: string;
  readonly output: unknown;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly executionArn: string;
}

const outcomeOf = (described: DescribeExecutionCommandOutput): Outcome => ({
  status: described.status ?? '',
  output: described.output === undefined ? undefined : JSON.parse(described.output),
  error: described.error,
  cause: described.cause,
  executionArn: described.executionArn ?? '',
});

/** Polls until the execution is over, for at most fifteen seconds. */
export async function ending(client: SFNClient, executionArn: string): Promise<Outcome> {
  const deadline = Date.now() + 15_000;
  while (Date.now() < deadline) {
    const described = await client.send(new DescribeExecutionCommand({ executionArn }));
    if (described.status !== 'RUNNING') return outcomeOf(described);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`${executionArn} is still running`);
}

async function wholeHistory(client: SFNClient, executionArn: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page: { events?: HistoryEvent[] | undefined; nextToken?: string | undefined } = await client.send(
      new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, nextToken }),
    );
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return events;
}

export async function startEngine(options: EngineOptions = {}) {
  const engine = await startTestStepFunctions({
    invokeFunction: async ({ functionName, payload, signal }) => {
      const run = options.functions?.[functionName.split(':').at(-1) ?? ''];
      if (run === undefined) throw new Error(`Function not found: ${functionName}`);
      return answer(run, payload, signal);
    },
    ...(options.journalFile !== undefined && { journalFile: options.journalFile }),
    ...(options.compactionBound && { compactionBound: options.compactionBound }),
    ...(options.onStatusChange && { onStatusChange: options.onStatusChange }),
  });
  const client = clientOf(engine.url);
  let machines = 0;
  const create = async (states: object, machine: object = {}): Promise<string> => {
    const StartAt = Object.keys(states)[0];
    const definition = JSON.stringify({ QueryLanguage: 'JSONata', StartAt, States: states, ...machine });
    machines += 1;
    const created = await client.send(
      new CreateStateMachineCommand({ name: `m${machines}`, definition, roleArn }),
    );
    return created.stateMachineArn ?? '';
  };
  const start = async (stateMachineArn: string, input: unknown = {}): Promise<string> => {
    const started = await client.send(
      new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
    );
    return started.executionArn ?? '';
  };
  return {
    url: engine.url,
    client,
    create,
    start,
    /** Runs the states, the first of them first, to their end. */
    run: async (states: object, input: unknown = {}, machine: object = {}): Promise<Outcome> =>
      ending(client, await start(await create(states, machine), input)),
    /** `<id> <id of the one before> <type>` of each. */
    eventIds: async (executionArn: string) =>
      (await wholeHistory(client, executionArn)).map(
        ({ id, previousEventId, type }) => `${id} ${previousEventId} ${type}`,
      ),
    eventTypes: async (executionArn: string) =>
      (await wholeHistory(client, executionArn)).map(({ type }) => type ?? ''),
    close: async (): Promise<void> => {
      client.destroy();
      await engine.close();
    },
  };
}

/** A Task on `lambda:invoke`; `more` adds or replaces fields. */
export const invoke = (functionName: string, payload: unknown, more: object = { End: true }): object => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: functionName, Payload: payload },
  ...more,
});
