/**
 * Runs instances as tasks of Fargate. ECS itself takes a start once, by its client token; a task is tagged with its owner
 * and its start, so that it is found again. What it says goes where its task definition sends it.
 */
import type { ECSClient, RunTaskCommandInput, Task } from '@aws-sdk/client-ecs';
import type { DrivenStart, Driver, Observed } from '../../../instances/driver.ts';
import { EcsSettings } from '../../../registry/services/model/driver.ts';
import { environmentOf, instanceUrl } from '../instance-url.ts';
import { createEcsApi } from './ecs-api.ts';
import { clientToken, startedBy, startIn, tagsOf } from './ecs-tags.ts';
import { addressOf, observedIn } from './ecs-task.ts';
import type { PublicAddressOf } from './public-addresses.ts';

export interface EcsDriverOptions {
  readonly client: ECSClient;
  /** Its name or ARN. */
  readonly cluster: string;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  /** Tasks are given public addresses and called there; without it, at their private ones. */
  readonly publicAddressOf?: PublicAddressOf | undefined;
  /** Names this orchestrator among those that use the same cluster: letters, digits, - and _. */
  readonly owner: string;
}

export function createEcsDriver(options: EcsDriverOptions): Driver {
  const { client, cluster, publicAddressOf, owner } = options;
  const api = createEcsApi(client, cluster);
  const taskOf = async ({ ref, token }: DrivenStart): Promise<Task | undefined> => {
    if (ref !== undefined) return await api.find(ref);
    return (await api.list(startedBy(owner))).find((task) => startIn(task)?.token === token);
  };
  const urlOf = async (task: Task, { transport, settings }: DrivenStart): Promise<string | undefined> => {
    const { port, path } = EcsSettings.parse(settings);
    const { networkInterface, privateAddress } = addressOf(task);
    const host = publicAddressOf
      ? networkInterface && (await publicAddressOf(networkInterface))
      : privateAddress;
    return host && instanceUrl({ transport, host, port, path });
  };
  const observe = async (task: Task | undefined, start: DrivenStart): Promise<Observed> => {
    if (task === undefined) return { state: 'GONE' };
    const observed = observedIn(task);
    return observed.state === 'RUNNING' ? { ...observed, url: await urlOf(task, start) } : observed;
  };
  const run = async (start: DrivenStart): Promise<string> => {
    const settings = EcsSettings.parse(start.settings);
    const name = settings.container ?? (await api.onlyContainer(settings.taskDefinition));
    return await api.run(taskInput(start, { ...settings, container: name }, options));
  };
  return {
    kind: 'ecs',
    /** A client token is good for a day: what runs longer is found by its tags. */
    async start(start) {
      const known = await taskOf(start);
      if (known) return await observe(known, start);
      const ref = await run(start);
      const task = await api.find(ref);
      return task ? await observe(task, start) : { state: 'PENDING', ref };
    },
    describe: async (start) => await observe(await taskOf(start), start),
    /** Its task definition says how long ECS waits before it ends it by force (`stopTimeout`). */
    async stop(start) {
      const task = await taskOf(start);
      if (task?.taskArn === undefined || task.desiredStatus === 'STOPPED') return;
      await api.stop(task.taskArn, `The orchestrator stops instance ${start.id} of ${start.service}`);
    },
    async list() {
      const tasks = await api.list(startedBy(owner));
      return tasks.flatMap((task) => {
        const start = startIn(task);
        return start ? [{ ...start, ...observedIn(task) }] : [];
      });
    },
    logs: async () => undefined,
  };
}

function taskInput(
  start: DrivenStart,
  { taskDefinition, container, env, port }: EcsSettings,
  { owner, subnets, securityGroups, publicAddressOf }: EcsDriverOptions,
): RunTaskCommandInput {
  const environment = environmentOf(env, port).map(([name, value]) => ({ name, value }));
  return {
    taskDefinition,
    count: 1,
    launchType: 'FARGATE',
    clientToken: clientToken(owner, start),
    startedBy: startedBy(owner),
    tags: tagsOf(owner, start),
    propagateTags: 'TASK_DEFINITION',
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: [...subnets],
        securityGroups: [...securityGroups],
        assignPublicIp: publicAddressOf ? 'ENABLED' : 'DISABLED',
      },
    },
    overrides: { containerOverrides: [{ name: container, environment }] },
  };
}
