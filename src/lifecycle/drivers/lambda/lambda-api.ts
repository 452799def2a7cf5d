/** What is asked of Lambda about the concurrency of one function. Every call throws the OrchestratorError of `awsFailure`. */
import {
  DeleteFunctionConcurrencyCommand,
  DeleteProvisionedConcurrencyConfigCommand,
  GetFunctionConcurrencyCommand,
  GetProvisionedConcurrencyConfigCommand,
  type LambdaClient,
  ProvisionedConcurrencyConfigNotFoundException as NotProvisioned,
  PutFunctionConcurrencyCommand,
  PutProvisionedConcurrencyConfigCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-lambda';
import { awsFailure } from '../aws-failure.ts';

/** Executions that are kept for the function and are the most that it may have; `none` where it takes from what all share. */
export type Reservation = number | 'none';

/** An alias of a function. */
export interface Alias {
  readonly functionName: string;
  readonly alias: string;
}

export function createLambdaApi(client: LambdaClient) {
  const asked = async <T>(answer: Promise<T>, what: string): Promise<T> => {
    try {
      return await answer;
    } catch (thrown) {
      throw awsFailure(thrown, `Lambda does not ${what}`);
    }
  };
  return {
    /** Undefined where there is no such function. */
    async reservation(FunctionName: string): Promise<Reservation | undefined> {
      const answer = client
        .send(new GetFunctionConcurrencyCommand({ FunctionName }))
        .catch(unless(ResourceNotFoundException));
      const found = await asked(answer, `tell the concurrency of ${FunctionName}`);
      return found && (found.ReservedConcurrentExecutions ?? 'none');
    },
    async reserve(FunctionName: string, reservation: Reservation): Promise<void> {
      const command =
        reservation === 'none'
          ? client.send(new DeleteFunctionConcurrencyCommand({ FunctionName }))
          : client.send(
              new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: reservation }),
            );
      await asked<unknown>(command, `change the concurrency of ${FunctionName}`);
    },
    /** As it was asked for last; none is 0. */
    async provisioned({ functionName, alias }: Alias): Promise<number> {
      const command = new GetProvisionedConcurrencyConfigCommand({
        FunctionName: functionName,
        Qualifier: alias,
      });
      const answer = client.send(command).catch(unless(NotProvisioned));
      const found = await asked(answer, `tell what is provisioned for ${functionName}:${alias}`);
      return found?.RequestedProvisionedConcurrentExecutions ?? 0;
    },
    async provision({ functionName, alias }: Alias, executions: number): Promise<void> {
      const name = { FunctionName: functionName, Qualifier: alias };
      const command =
        executions === 0
          ? client.send(new DeleteProvisionedConcurrencyConfigCommand(name)).catch(unless(NotProvisioned))
          : client.send(
              new PutProvisionedConcurrencyConfigCommand({
                ...name,
                ProvisionedConcurrentExecutions: executions,
              }),
            );
      await asked<unknown>(command, `provision ${executions} for ${functionName}:${alias}`);
    },
  };
}

const unless =
  (fine: typeof NotProvisioned | typeof ResourceNotFoundException) =>
  (thrown: unknown): undefined => {
    if (!(thrown instanceof fine)) throw thrown;
  };
