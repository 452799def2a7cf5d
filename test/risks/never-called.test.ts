/** Risk: a step that was never called is shown as one whose effect is in doubt, so that people look for what is not there. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awaitStatus, type Door, restDoor, runToEnd, type Status, workflowIdOf } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { startScriptedMcp } from '../system/scripted-mcp.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

let system: TestSystem;
let door: Door;
let bank: ScriptedService;
let ledger: ScriptedService;
let names = 0;

beforeAll(async () => {
  system = await startTestSystem();
  door = restDoor(system.endpoints);
  bank = await startScriptedService((_seen, response) => json(response, { paid: true }));
  ledger = await startScriptedMcp(['add', 'remove'], () => ({ id: 7 }));
  await door('register_service', { name: 'bank', transport: 'rest', url: bank.url });
  await door('register_service', { name: 'ledger', transport: 'mcp', url: ledger.url });
});

afterAll(async () => {
  await system.close();
  await Promise.all([bank, ledger].map((service) => service.close()));
});

async function run(steps: object[]): Promise<Status> {
  names += 1;
  const name = `flow-${names}`;
  expect((await door('define_workflow', { name, steps })).code).toBeUndefined();
  return runToEnd(door, name, {});
}

const nothing = { amount: '{% $input.nothing %}' };
const pay = {
  id: 'pay',
  call: { service: 'bank', request: { method: 'POST', path: '/pay', body: nothing } },
};
const statusesOf = ({ steps }: Status) => steps.map(({ path, status }) => [path, status]);

describe('a call whose arguments cannot be evaluated', () => {
  it('has failed with that error, and was never called', async () => {
    const calls = bank.seen.length;
    const ended = await run([pay]);
    expect(ended).toMatchObject({ status: 'FAILED', error: { code: 'States.QueryEvaluationError' } });
    expect(ended.steps).toMatchObject([
      { id: 'pay', status: 'FAILED', attempts: [], error: { code: 'States.QueryEvaluationError' } },
    ]);
    expect(ended.steps[0]?.error?.message).toBe(ended.error?.message);
    expect(bank.seen).toHaveLength(calls);
  });

  it('has failed too where the workflow goes on', async () => {
    const after = { id: 'after', call: { service: 'bank', request: { method: 'GET', path: '/' } } };
    const ended = await run([{ ...pay, onFailure: 'continue' }, after]);
    expect(ended.status).toBe('SUCCEEDED');
    expect(statusesOf(ended)).toEqual([
      ['pay', 'FAILED'],
      ['after', 'SUCCEEDED'],
    ]);
    expect(ended.steps[0]?.error).toEqual({
      code: 'States.QueryEvaluationError',
      message:
        'steps[0].call.request.body.amount: {% $input.nothing %} came to nothing, expected a value; $input has no "nothing": it is an empty object',
    });
  });

  it('has failed in its iteration of a forEach', async () => {
    const take = { amount: '{% $one.amount %}' };
    const call = { service: 'bank', request: { method: 'POST', path: '/pay', body: take } };
    const items = '{% [{"amount": 1}, {"amount": 2}, {"none": 3}] %}';
    const each = { items, as: 'one', maxConcurrency: 1, steps: [{ id: 'pay', call }] };
    const ended = await run([{ id: 'all', forEach: each }]);
    expect(statusesOf(ended)).toEqual([
      ['all', 'FAILED'],
      ['all/0/pay', 'SUCCEEDED'],
      ['all/1/pay', 'SUCCEEDED'],
      ['all/2/pay', 'FAILED'],
    ]);
  });

  it('has failed in a workflow that undoes what went before', async () => {
    const add = {
      id: 'add',
      call: { service: 'ledger', tool: 'add', arguments: {} },
      compensate: { service: 'ledger', tool: 'remove', arguments: { id: '{% $add.id %}' } },
    };
    const ended = await run([add, { ...pay, id: 'last' }]);
    expect(ended.status).toBe('FAILED');
    expect(statusesOf(ended)).toEqual([
      ['add', 'SUCCEEDED'],
      ['last', 'FAILED'],
    ]);
    expect(ended.steps[0]?.undo?.status).toBe('SUCCEEDED');
    expect(ended.steps[1]?.error?.code).toBe('States.QueryEvaluationError');
  });
});

it('a call with an undo that never reached its service has failed, and is in no doubt', async () => {
  await door('register_service', { name: 'down', transport: 'mcp', url: 'http://127.0.0.1:9' });
  const call = { service: 'down', tool: 'add', arguments: {} };
  const ended = await run([
    { id: 'add', call, compensate: { service: 'down', tool: 'remove', arguments: {} } },
  ]);
  expect(ended.steps).toMatchObject([
    { status: 'FAILED', attempts: [{ error: { code: 'service.unreachable', effect: 'none' } }] },
  ]);
});

it('a call that was passed over without being made has failed while the execution goes on', async () => {
  const steps = [
    { ...pay, onFailure: 'continue' },
    { id: 'ok', approval: { message: 'Go on?' } },
  ];
  await door('define_workflow', { name: 'asks', steps });
  const workflowId = workflowIdOf(await door('start_workflow', { workflow: 'asks' }));
  const asking = await awaitStatus(door, workflowId, ({ steps: [, ok] }) => ok?.status === 'RUNNING');
  expect(statusesOf(asking)).toEqual([
    ['pay', 'FAILED'],
    ['ok', 'RUNNING'],
  ]);
  expect(asking.steps[0]?.error?.code).toBe('States.QueryEvaluationError');
});

it('a wait beside the step that failed was cut short, and has not failed', async () => {
  const last = { ...pay, id: 'last' };
  const branches = [[{ id: 'pause', wait: { seconds: 60 } }], [{ id: 'rest', wait: { seconds: 1 } }, last]];
  const ended = await run([{ id: 'both', parallel: branches }]);
  expect(ended).toMatchObject({ status: 'FAILED', error: { step: 'last' } });
  expect(statusesOf(ended)).toEqual([
    ['both', 'FAILED'],
    ['pause', 'CANCELLED'],
    ['rest', 'SUCCEEDED'],
    ['last', 'FAILED'],
  ]);
});

it('a wait for what is no time has failed itself', async () => {
  const pause = { id: 'pause', wait: { seconds: '{% -1 %}' } };
  const ended = await run([{ id: 'both', parallel: [[{ id: 'other', wait: { seconds: 60 } }], [pause]] }]);
  expect(statusesOf(ended)).toEqual([
    ['both', 'FAILED'],
    ['other', 'CANCELLED'],
    ['pause', 'FAILED'],
  ]);
});
