/** Which machine a task token is of: executions are known by their starts, tokens by the tasks that have them. */
import * as z from 'zod';

const Waiting = z.object({ executionId: z.string(), token: z.string() });
const Start = z.object({ stateMachineArn: z.string(), name: z.string() });

export class TaskTokens {
  readonly #machines = new Map<string, string>();
  readonly #executions = new Map<string, string>();

  /** Takes the body of StartExecution. */
  started(body: unknown): void {
    const { data } = Start.safeParse(body);
    if (data) this.#machines.set(data.name, data.stateMachineArn);
  }

  /** Takes what a function is invoked with. */
  handed(payload: unknown): void {
    const { data } = Waiting.safeParse(payload);
    if (data) this.#executions.set(data.token, data.executionId);
  }

  readonly machineOf = (token: string): string | undefined =>
    this.#machines.get(this.#executions.get(token) ?? '');
}
