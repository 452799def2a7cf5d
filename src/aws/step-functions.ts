/**
 * Step Functions as the orchestrator uses it. Answers that mean "already so" are answers here, not errors:
 * a start that had happened, a stop of what had ended, a machine that exists.
 */
import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  ExecutionNotRedrivable,
  type ExecutionStatus,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  InvalidToken,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  RedriveExecutionCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  type SFNClientConfig,
  StartExecutionCommand,
  StateMachineDoesNotExist,
  StopExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';

export interface EngineExecution {
  readonly status: ExecutionStatus;
  readonly output: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly stoppedAt: string | undefined;
  readonly redriveCount: number;
  /** Why Step Functions would not redrive it; undefined when it would. */
  readonly notRedrivable: string | undefined;
}

export interface MachineToCreate {
  readonly name: string;
  readonly definition: string;
  readonly roleArn: string;
}

export interface EngineMachine {
  readonly definition: string;
  readonly roleArn: string;
}

export interface ListedMachine {
  readonly name: string;
  readonly arn: string;
  readonly createdAtMs: number;
}

/** What a machine is given is visible to a start only after some seconds on AWS: how long a start keeps trying. */
const visibleWithinMs = 10_000;
const historyPageSize = 1000;
const historyPages = 25;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** False when the task of the token is over, whatever it ended with. */
async function unlessOver(sent: Promise<unknown>): Promise<boolean> {
  try {
    await sent;
    return true;
  } catch (error) {
    if (error instanceof TaskTimedOut || error instanceof TaskDoesNotExist || error instanceof InvalidToken)
      return false;
    throw error;
  }
}

export type StepFunctions = ReturnType<typeof createStepFunctions>;

export function createStepFunctions(config: SFNClientConfig) {
  const client = new SFNClient({ maxAttempts: 4, ...config });

  const start = async (machineArn: string, name: string, input: unknown): Promise<void> => {
    try {
      await client.send(
        new StartExecutionCommand({ stateMachineArn: machineArn, name, input: JSON.stringify(input) }),
      );
    } catch (error) {
      if (error instanceof ExecutionAlreadyExists) return;
      throw error;
    }
  };

  return {
    /** Starts an execution under its name; a name that was started before counts as started. */
    async start(machineArn: string, name: string, input: unknown): Promise<void> {
      for (let waitedMs = 0, pauseMs = 200; ; waitedMs += pauseMs, pauseMs *= 2) {
        try {
          return await start(machineArn, name, input);
        } catch (error) {
          const invisible = error instanceof StateMachineDoesNotExist;
          if (!invisible || waitedMs + pauseMs > visibleWithinMs) throw error;
          await pause(pauseMs);
        }
      }
    },

    /** Undefined when there is no such execution. */
    async describe(executionArn: string): Promise<EngineExecution | undefined> {
      try {
        const found = await client.send(new DescribeExecutionCommand({ executionArn }));
        return {
          status: found.status ?? 'RUNNING',
          output: found.output,
          error: found.error,
          cause: found.cause,
          stoppedAt: found.stopDate?.toISOString(),
          redriveCount: found.redriveCount ?? 0,
          notRedrivable:
            found.redriveStatus === 'NOT_REDRIVABLE'
              ? (found.redriveStatusReason ?? 'no reason given')
              : undefined,
        };
      } catch (error) {
        if (error instanceof ExecutionDoesNotExist) return undefined;
        throw error;
      }
    },

    /** Stops an execution; one that has ended or never began is left as it is. */
    async stop(executionArn: string, reason: { error: string; cause: string }): Promise<void> {
      try {
        await client.send(new StopExecutionCommand({ executionArn, ...reason }));
      } catch (error) {
        if (!(error instanceof ExecutionDoesNotExist)) throw error;
      }
    },

    /** Ends a task that waits for its callback; false when it waits no more. */
    async succeedTask(taskToken: string, output: unknown): Promise<boolean> {
      const command = new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output ?? null) });
      return unlessOver(client.send(command));
    },
    async failTask(taskToken: string, { error, cause }: { error: string; cause: string }): Promise<boolean> {
      return unlessOver(client.send(new SendTaskFailureCommand({ taskToken, error, cause })));
    },

    /** Goes on with an execution from where it failed; false when Step Functions does not redrive it. */
    async redrive(executionArn: string, clientToken: string): Promise<boolean> {
      try {
        await client.send(new RedriveExecutionCommand({ executionArn, clientToken }));
        return true;
      } catch (error) {
        if (error instanceof ExecutionNotRedrivable) return false;
        throw error;
      }
    },

    /** The arn of a machine with this name and definition; the same one when it exists. */
    async createMachine({ name, definition, roleArn }: MachineToCreate): Promise<string> {
      const created = await client.send(
        new CreateStateMachineCommand({ name, definition, roleArn, type: 'STANDARD' }),
      );
      if (!created.stateMachineArn) throw new Error('CreateStateMachine answered without an arn');
      return created.stateMachineArn;
    },

    /** Undefined when there is no such machine, or when it is being deleted. */
    async describeMachine(stateMachineArn: string): Promise<EngineMachine | undefined> {
      try {
        const found = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
        if (found.status === 'DELETING') return undefined;
        return { definition: found.definition ?? '', roleArn: found.roleArn ?? '' };
      } catch (error) {
        if (error instanceof StateMachineDoesNotExist) return undefined;
        throw error;
      }
    },

    async updateMachine(stateMachineArn: string, definition: string, roleArn?: string): Promise<void> {
      await client.send(new UpdateStateMachineCommand({ stateMachineArn, definition, roleArn }));
    },

    /** Deletes a machine and ends its executions; one that is gone is deleted already. */
    async deleteMachine(stateMachineArn: string): Promise<void> {
      await client.send(new DeleteStateMachineCommand({ stateMachineArn }));
    },

    /** The machines whose name begins so; Step Functions lists those of the whole account. */
    async *machines(prefix: string): AsyncGenerator<ListedMachine> {
      let nextToken: string | undefined;
      do {
        const page = await client.send(new ListStateMachinesCommand({ maxResults: 1000, nextToken }));
        for (const { name = '', stateMachineArn: arn = '', creationDate } of page.stateMachines ?? []) {
          if (name.startsWith(prefix)) yield { name, arn, createdAtMs: creationDate?.getTime() ?? 0 };
        }
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
    },

    /** Whether executions of a machine have not ended. */
    async hasRunning(stateMachineArn: string): Promise<boolean> {
      try {
        const command = new ListExecutionsCommand({
          stateMachineArn,
          statusFilter: 'RUNNING',
          maxResults: 1,
        });
        return ((await client.send(command)).executions ?? []).length > 0;
      } catch (error) {
        if (error instanceof StateMachineDoesNotExist) return false;
        throw error;
      }
    },

    /** The events of an execution, newest first, at most 25,000 (the limit of Step Functions). */
    async *history(executionArn: string): AsyncGenerator<HistoryEvent> {
      let nextToken: string | undefined;
      for (let page = 0; page < historyPages; page++) {
        const answer = await client.send(
          new GetExecutionHistoryCommand({
            executionArn,
            reverseOrder: true,
            maxResults: historyPageSize,
            includeExecutionData: false,
            nextToken,
          }),
        );
        yield* answer.events ?? [];
        nextToken = answer.nextToken;
        if (nextToken === undefined) return;
      }
    },

    close(): void {
      client.destroy();
    },
  };
}
