/** Risk: what LMDB refuses, or cannot for a while, becomes the failure of somebody's step. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Environment } from '../../local/dynamodb/storage/environment.ts';
import { awaitStatus, type Door, restDoor, workflowIdOf } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

let system: TestSystem;
let service: ScriptedService;
let door: Door;
let calls: string[];
let whenCalled: () => void;
/** Whether this attempt (1 or 2) of the transaction of this number is refused, when all of it has been done. */
let refuses: (transaction: number, attempt: number) => boolean;
let said: ReturnType<typeof vi.spyOn>;

beforeEach(async () => {
  calls = [];
  whenCalled = () => undefined;
  refuses = () => false;
  said = vi.spyOn(console, 'error').mockReturnValue();
  const transact = Environment.prototype.transact;
  let transactions = 0;
  vi.spyOn(Environment.prototype, 'transact').mockImplementation(function <T>(
    this: Environment,
    change: () => T,
  ) {
    const transaction = ++transactions;
    let attempt = 0;
    return transact.call(this, () => {
      const result = change();
      if (refuses(transaction, ++attempt))
        throw Object.assign(new Error('MDB_BAD_VALSIZE'), { code: -30781 });
      return result;
    });
  });
  service = await startScriptedService(({ path }, response) => {
    calls.push(path);
    whenCalled();
    json(response, {});
  });
  system = await startTestSystem();
  door = restDoor(system.endpoints);
  await door('register_service', { name: 'worker', transport: 'rest', url: service.url });
});
afterEach(async () => {
  refuses = () => false;
  await system.close();
  await service.close();
  vi.restoreAllMocks();
});

async function define(name: string, requests: readonly { method: string; path: string }[]): Promise<void> {
  const steps = requests.map((request, at) => ({ id: `s${at}`, call: { service: 'worker', request } }));
  await door('define_workflow', { name, steps });
}

it('a transaction that is refused is done again, and said, and no call is made twice', async () => {
  await define(
    'posts',
    ['/a', '/b', '/c'].map((path) => ({ method: 'POST', path })),
  );
  let most = 3;
  // Each one once, and some of them again.
  refuses = (transaction, attempt) => attempt === 1 || (transaction % 5 === 0 && most-- > 0);
  const ids = await Promise.all(
    Array.from({ length: 5 }, async () => workflowIdOf(await door('start_workflow', { workflow: 'posts' }))),
  );
  const ends = await Promise.all(ids.map((id) => awaitStatus(door, id)));
  expect(ends.map(({ status }) => status)).toEqual(Array(5).fill('SUCCEEDED'));
  expect(calls.sort()).toEqual(['/a', '/b', '/c'].flatMap((path) => Array(5).fill(path)));
  expect(said).toHaveBeenCalledWith('The store tries a transaction again: MDB_BAD_VALSIZE');
});

it('a store that cannot for a while is a fault of the platform: the step is tried again', async () => {
  await define('reads', [{ method: 'GET', path: '/a' }]);
  let cannot = false;
  refuses = () => cannot;
  whenCalled = () => {
    cannot = calls.length === 1;
    if (cannot) setTimeout(() => (cannot = false), 400);
  };
  const id = workflowIdOf(await door('start_workflow', { workflow: 'reads' }));
  expect(await awaitStatus(door, id)).toMatchObject({ status: 'SUCCEEDED' });
  expect(calls).toEqual(['/a', '/a']);
});
