/** Instances that somebody else starts and stops: looked after, scaled, stopped, woken by calls, and given up. */
import * as z from 'zod';
import { json, startScriptedService } from '../../system/scripted-service.ts';
import { eventually, type Scene } from './scene.ts';
import { make } from './steps.ts';

export async function lifecycle(scene: Scene): Promise<void> {
  const fleet = await startFleet();
  try {
    await changes(scene, fleet);
    await grows(scene, fleet);
    await wokenByAStep(scene, fleet);
    await wokenByAnUndo(scene, fleet);
  } finally {
    await fleet.close();
  }
}

interface Fleet {
  readonly url: string;
  /** Whether what is asked for runs; meanwhile it is on the way. */
  ready: boolean;
  /** Until it resolves, no call is answered. */
  called: () => Promise<void>;
  close(): Promise<void>;
}

/** Whoever is asked to start instances: each is a server that runs already, and is said to have been started. */
async function startFleet(): Promise<Fleet> {
  const started = new Set<unknown>();
  const service = await startScriptedService(async ({ body }, response) => {
    const { action, token, parameters } = Asked.parse(body ?? {});
    if (action === undefined) await fleet.called();
    if (action === 'start') started.add(token);
    if (action === 'stop') started.delete(token);
    const state = fleet.ready ? 'RUNNING' : 'PENDING';
    json(response, started.has(token) ? { state, url: parameters?.at ?? service.url } : { state: 'GONE' });
  });
  const fleet: Fleet = { url: service.url, ready: true, called: async () => {}, close: service.close };
  return fleet;
}

const Asked = z.looseObject({
  action: z.string().optional(),
  token: z.string().optional(),
  parameters: z.looseObject({ at: z.string().optional() }).optional(),
});

const driven = ({ url }: Fleet, name: string, minInstances: number) => ({
  name,
  transport: 'rest',
  driver: { kind: 'webhook', settings: { url } },
  // As short as a drain can be that looks for calls which are under way.
  drainSeconds: 1,
  scaling: { minInstances, maxInstances: 3, target: { callsPerMinutePerInstance: 1_000_000 } },
});

const AskedChange = z.looseObject({ change: z.looseObject({ changeId: z.string() }) });

async function change({ system }: Scene, operation: string, input: Record<string, unknown>): Promise<string> {
  return AskedChange.parse((await system.door(operation, input)).body).change.changeId;
}

async function reaches({ system }: Scene, changeId: string, status: string): Promise<void> {
  let body: Record<string, unknown> = {};
  const reached = async (): Promise<boolean> => {
    body = (await system.door('get_change', { changeId })).body;
    return body['status'] === status;
  };
  await eventually(reached).catch((error: unknown) => {
    throw new Error(`${JSON.stringify(body)} did not reach ${status}`, { cause: error });
  });
}

async function changes(scene: Scene, fleet: Fleet): Promise<void> {
  const { ask, askInVain, system } = scene;
  await ask('register_service', driven(fleet, 'fleet', 1));
  await system.invoke('lifecycle', {});
  await ask('list_instances', { service: 'fleet' });

  // The second one waits for the first, which waits for an instance.
  fleet.ready = false;
  const more = await change(scene, 'scale_service', { service: 'fleet', instances: 2 });
  await reaches(scene, more, 'RUNNING');
  const fewer = await change(scene, 'scale_service', { service: 'fleet', instances: 1 });
  await ask('list_changes');
  await ask('list_changes', { open: true });
  await system.invoke('lifecycle', {});
  fleet.ready = true;
  await reaches(scene, more, 'SUCCEEDED');
  await reaches(scene, fewer, 'SUCCEEDED');
  await askInVain('cancel_change', { changeId: fewer }, 'change.closed');

  for (const operation of ['stop_service', 'start_service'])
    await reaches(scene, await change(scene, operation, { service: 'fleet' }), 'SUCCEEDED');
  await ask('deregister_service', { name: 'fleet' });
  await system.invoke('lifecycle', {});
}

/** Its bounds ask for an instance that nobody has asked for: its policy decides. */
async function grows({ ask, system }: Scene, fleet: Fleet): Promise<void> {
  for (const minInstances of [0, 1]) {
    await ask('register_service', driven(fleet, 'growing', minInstances));
    await system.invoke('lifecycle', {});
  }
  await ask('deregister_service', { name: 'growing' });
  await system.invoke('lifecycle', {});
}

/** While `lifecycle` does nothing yet, the call looks for an instance again and again, and asks to wake its service each time. */
async function askedTwice({ system }: Scene, caller: string, action: () => Promise<string>): Promise<string> {
  const asleep = system.proxy('lifecycle').hold('dynamodb:PutItem');
  const workflowId = await action();
  await asleep.met;
  await eventually(() =>
    system
      .proxy(caller)
      .calls.some((call) => call.action === 'dynamodb:GetItem' && call.resource.includes('instances')),
  );
  asleep.over();
  return workflowId;
}

const called = (service: string) => ({ service, request: { method: 'POST', path: '/', body: {} } });

/** Known to `lifecycle`, and without instances until it is called. */
async function fallsAsleep({ ask, system }: Scene, service: Record<string, unknown>): Promise<void> {
  await ask('register_service', service);
  await system.invoke('lifecycle', {});
}

/** A call that lasts is written down, so that its instance is not ended under it. */
const untilWrittenDown =
  ({ system }: Scene, caller: string) =>
  (): Promise<void> => {
    const written = (): number =>
      system
        .proxy(caller)
        .calls.filter(
          ({ action, resource }) => action === 'dynamodb:PutItem' && resource.includes('instances'),
        ).length;
    const before = written();
    return eventually(() => written() > before);
  };

async function wokenByAStep(scene: Scene, fleet: Fleet): Promise<void> {
  const { define, start, ends } = scene;
  await fallsAsleep(scene, driven(fleet, 'sleeper', 0));
  await define('wakes', [{ id: 'call', call: called('sleeper') }]);
  fleet.called = untilWrittenDown(scene, 'run-step');
  await ends(await askedTwice(scene, 'run-step', () => start('wakes')), 'SUCCEEDED');
  fleet.called = async () => {};
}

async function wokenByAnUndo(scene: Scene, fleet: Fleet): Promise<void> {
  const { define, start, ends, broken, held, makerUrl } = scene;
  await fallsAsleep(scene, {
    ...driven(fleet, 'undoer', 0),
    transport: 'mcp',
    driver: { kind: 'webhook', settings: { url: fleet.url, parameters: { at: makerUrl } } },
  });
  await define('wakes-to-undo', [
    { ...make('w'), compensate: { service: 'undoer', tool: 'unmake', arguments: { name: 'late' } } },
    make('x'),
  ]);
  broken.add('x');
  held.set('late', untilWrittenDown(scene, 'undo'));
  await ends(await askedTwice(scene, 'undo', () => start('wakes-to-undo')), 'FAILED');
  broken.delete('x');
  held.delete('late');
}
