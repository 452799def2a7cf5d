/** What is asked of ECS, about the tasks of one owner in one cluster. Every call throws the OrchestratorError of `awsFailure`. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ConflictException,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  type ECSClient,
  paginateListTasks,
  RunTaskCommand,
  type RunTaskCommandInput,
  StopTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import { OrchestratorError } from '../../../base/errors.ts';
import { awsFailure } from '../aws-failure.ts';
import { refused } from '../refusal.ts';

/** AWS: DescribeTasks. */
const mostDescribed = 100;
const againMs = 1_000;

export function createEcsApi(client: ECSClient, cluster: string) {
  const asked = async <T>(answer: Promise<T>, what: string): Promise<T> => {
    try {
      return await answer;
    } catch (thrown) {
      throw awsFailure(thrown, `ECS does not ${what}`);
    }
  };
  const describe = async (tasks: string[]): Promise<Task[]> => {
    const command = new DescribeTasksCommand({ cluster, tasks, include: ['TAGS'] });
    return (await asked(client.send(command), `describe tasks of cluster ${cluster}`)).tasks ?? [];
  };
  const arnsOf = async (startedBy: string): Promise<string[]> => {
    const arns: string[] = [];
    for await (const { taskArns = [] } of paginateListTasks({ client }, { cluster, startedBy }))
      arns.push(...taskArns);
    return arns;
  };
  const run = async (input: RunTaskCommandInput): Promise<string> => {
    const { tasks = [], failures = [] } = await client.send(new RunTaskCommand({ ...input, cluster }));
    if (tasks[0]?.taskArn) return tasks[0].taskArn;
    const why = failures.map(({ reason, detail }) => [reason, detail].filter(Boolean).join(': ')).join('; ');
    throw new OrchestratorError('service.failed', `ECS does not run the task: ${why || 'it says nothing'}`);
  };
  return {
    /** Undefined where ECS knows none any more; of one that was just started it may not know yet, so it is asked twice. */
    async find(arn: string): Promise<Task | undefined> {
      const [task] = await describe([arn]);
      if (task !== undefined) return task;
      await sleep(againMs);
      return (await describe([arn]))[0];
    },
    /** All that were started under this name and are not stopped. */
    async list(startedBy: string): Promise<Task[]> {
      const arns = await asked(arnsOf(startedBy), `list tasks of cluster ${cluster}`);
      const batches = Array.from({ length: Math.ceil(arns.length / mostDescribed) }, (_, batch) =>
        arns.slice(batch * mostDescribed, (batch + 1) * mostDescribed),
      );
      return (await Promise.all(batches.map(describe))).flat();
    },
    /** The ARN of the task; the same for the same client token, whatever else has changed meanwhile. */
    run: (input: RunTaskCommandInput): Promise<string> =>
      asked(run(input).catch(taskOfConflict), `run a task of ${input.taskDefinition}`),
    async stop(task: string, reason: string): Promise<void> {
      await asked(client.send(new StopTaskCommand({ cluster, task, reason })), `stop ${task}`);
    },
    /** The name of the only container; throws `driver.refused` where there are several. */
    async onlyContainer(taskDefinition: string): Promise<string> {
      const command = new DescribeTaskDefinitionCommand({ taskDefinition });
      const answer = await asked(client.send(command), `describe task definition ${taskDefinition}`);
      const names = answer.taskDefinition?.containerDefinitions?.map(({ name = '' }) => name) ?? [];
      const [only] = names;
      if (only !== undefined && names.length === 1) return only;
      throw refused(
        `Task definition ${taskDefinition} has ${names.length} containers (${names.join(', ')}): settings.container must name one`,
      );
    },
  };
}

/** The token was used before, by a request that was not quite the same. */
function taskOfConflict(thrown: unknown): string {
  const [arn] = thrown instanceof ConflictException ? (thrown.resourceIds ?? []) : [];
  if (arn === undefined) throw thrown;
  return arn;
}
