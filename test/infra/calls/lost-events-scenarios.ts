/** Starts, ends, redrives and callbacks that are lost on their way, and who makes good for them. */
import { letTimePass } from '../../system/passing-time.ts';
import { eventually, type Scene } from './scene.ts';

/** Uses the workflows that the everyday scenarios have defined. */
export async function lostEvents(scene: Scene): Promise<void> {
  await cutEvent(scene);
  await lostStart(scene);
  await lostRedrive(scene);
  await lostInstance(scene);
  await lostDecisions(scene);
  await lostEnds(scene);
  await endsOfNestedRuns(scene);
  await readRepair(scene);
  await callbacksOnRetry(scene, { call: 'states:SendTaskSuccess', end: 'SUCCEEDED' });
  await callbacksOnRetry(scene, { call: 'states:SendTaskFailure', end: 'FAILED' });
}

/** The sweeper looks at what is older than a minute. */
async function sweepLater({ system }: Scene): Promise<void> {
  letTimePass(61_000);
  await system.invoke('sweep', {});
}

/** An instance that is heard of no more goes after a day. */
async function lostInstance({ ask, system }: Scene): Promise<void> {
  await ask('register_instance', { service: 'maker', id: 'lost', url: 'http://127.0.0.1:9' });
  letTimePass(26 * 3_600_000);
  await system.invoke('sweep', {});
}

/** AWS leaves out of an event what would make it too large. */
async function cutEvent({ system, start, ends }: Scene): Promise<void> {
  system.events.fate = 'cut';
  await ends(await start('plain'), 'SUCCEEDED');
  system.events.fate = 'told';
}

async function lostStart(scene: Scene): Promise<void> {
  const trouble = scene.system.proxy('api').lose('states:StartExecution');
  const id = await scene.start('plain');
  trouble.over();
  await sweepLater(scene);
  await scene.ends(id, 'SUCCEEDED');
}

async function lostRedrive(scene: Scene): Promise<void> {
  const { broken, start, ends, ask, system } = scene;
  broken.add('b');
  const workflowId = await start('fragile');
  await ends(workflowId, 'FAILED');
  broken.delete('b');
  const trouble = system.proxy('api').lose('states:RedriveExecution');
  await ask('retry_workflow', { workflowId });
  trouble.over();
  await sweepLater(scene);
  await ends(workflowId, 'SUCCEEDED');
}

async function lostDecisions(scene: Scene): Promise<void> {
  const { start, status, ends, system } = scene;
  for (const { operation, call, end } of [
    { operation: 'approve_step', call: 'states:SendTaskSuccess', end: 'SUCCEEDED' },
    { operation: 'reject_step', call: 'states:SendTaskFailure', end: 'FAILED' },
  ]) {
    const workflowId = await start('asks');
    await status(workflowId, ({ steps }) => steps[0]?.approval !== undefined);
    const trouble = system.proxy('api').lose(call);
    const { code } = await system.door(operation, { workflowId, step: 'ok' });
    if (code !== 'internal.error') throw new Error(`${operation} was not lost: ${code}`);
    trouble.over();
    await sweepLater(scene);
    await ends(workflowId, end);
  }
}

/** The id of an execution that has ended and of whose end nobody was told. */
async function endedUnheard({ start, system }: Scene, workflow: string): Promise<string> {
  const id = await start(workflow);
  await eventually(() => system.events.lost.some(({ name }) => name === id));
  return id;
}

async function lostEnds(scene: Scene): Promise<void> {
  const { broken, system, ends } = scene;
  for (const name of ['b', 'e', 'f']) broken.add(name);
  system.events.fate = 'lost';
  const unheard: [string, string][] = [];
  for (const [workflow, end] of [
    ['of-large', 'SUCCEEDED'],
    ['fragile', 'FAILED'],
    ['misspelt', 'FAILED'],
    // It has a run of another workflow that goes on beside the step that fails.
    ['beside', 'FAILED'],
    ['inner-undone', 'FAILED'],
  ] as const)
    unheard.push([await endedUnheard(scene, workflow), end]);
  await sweepLater(scene);
  for (const [id, end] of unheard) await ends(id, end);
  system.events.fate = 'told';
}

async function endsOfNestedRuns(scene: Scene): Promise<void> {
  const { broken, system, start, status, ends } = scene;
  broken.add('d');
  for (const [workflow, end] of [
    ['outer', 'SUCCEEDED'],
    ['outer-fragile', 'FAILED'],
  ] as const) {
    system.events.fate = 'lost';
    const outer = await start(workflow);
    const { steps } = await status(outer, ({ steps: [step] }) => step?.workflowId !== undefined);
    await eventually(() => system.events.lost.some(({ name }) => name === steps[0]?.workflowId));
    system.events.fate = 'told';
    await sweepLater(scene);
    await ends(outer, end);
  }
}

/** Whoever asks for the status of an execution of which nothing was heard for ten seconds repairs it. */
async function readRepair(scene: Scene): Promise<void> {
  scene.system.events.fate = 'lost';
  const id = await endedUnheard(scene, 'plain');
  letTimePass(11_000);
  await scene.ends(id, 'SUCCEEDED');
  scene.system.events.fate = 'told';
}

/** The result of a step is known and was never sent: a retry sends it instead of running the workflow again. */
async function callbacksOnRetry(
  { broken, start, status, ends, ask, system }: Scene,
  { call, end }: { call: string; end: 'SUCCEEDED' | 'FAILED' },
): Promise<void> {
  broken.add('d');
  const trouble = system.proxy('record-execution').lose(call);
  const workflowId = await start(end === 'SUCCEEDED' ? 'outer' : 'outer-fragile');
  await status(workflowId, ({ steps: [step] }) => step?.status === end);
  await ask('terminate_workflow', { workflowId });
  await ask('retry_workflow', { workflowId });
  await ends(workflowId, end);
  trouble.over();
}
