/** Risk: a forEach over what is not there, since its path is written wrong, goes through nothing and succeeds. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Door, restDoor, runToEnd } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

let system: TestSystem;
let service: ScriptedService;
let door: Door;
let defined = 0;

beforeAll(async () => {
  service = await startScriptedService(({ body }, response) => json(response, body));
  system = await startTestSystem();
  door = restDoor(system.endpoints);
  await door('register_service', { name: 'echo', transport: 'rest', url: service.url });
}, 60_000);

afterAll(async () => {
  await system.close();
  await service.close();
});

const echo = (id: string, body: unknown) => ({
  id,
  call: { service: 'echo', request: { method: 'POST', path: '/echo', body } },
});

/** Goes through these items, each of which is its own result. */
async function goThrough(items: unknown, input: unknown, rest: object = {}) {
  defined += 1;
  const name = `loops-${defined}`;
  const forEach = { items, as: 'item', steps: [echo('one', '{% $item %}')], ...rest };
  const output = '{% $append([], $loop.one) %}';
  expect(
    (await door('define_workflow', { name, steps: [{ id: 'loop', forEach }], output })).body,
  ).not.toHaveProperty('errors');
  return runToEnd(door, name, input);
}

const input = {
  lines: ['a', 'b'],
  none: [],
  nothing: null,
  'odd name': ['o'],
  orders: [{ lines: ['x'] }, { lines: ['y', 'z'] }],
  emptyOrders: [{ lines: [] }, { lines: [] }],
  bare: [{ id: 1 }],
  deep: { list: [{ ids: ['p', 'q'] }] },
};

describe('items', () => {
  it.each([
    ['{% $input.lines %}', ['a', 'b']],
    ['{% $input.none %}', []],
    ['{% $input."odd name" %}', ['o']],
    ['{% $input.orders.lines %}', ['x', 'y', 'z']],
    ['{% $input.emptyOrders.lines %}', []],
    ['{% $input.none.lines %}', []],
    ['{% $input.none.lines.more %}', []],
    ['{% $input.deep.list[0].ids %}', ['p', 'q']],
    ['{% $input.lines[-1] %}', ['b']],
    ['{% $input.lines[$ = "c"] %}', []],
    ['{% $filter($input.lines, function($line) { $line = "c" }) %}', []],
    ['{% $input.lines[] %}', ['a', 'b']],
    ['{% $input.missing[] %}', []],
    ['{% [$input.missing] %}', []],
    ['{% [$input.missing, $input.nothing] %}', [null]],
  ])('of %j are %j', async (items, expected) => {
    expect(await goThrough(items, input)).toMatchObject({ status: 'SUCCEEDED', output: expected });
  });

  it.each([
    ['{% $input.linse %}'],
    ['{% $input.order.lines %}'],
    ['{% $input.orders.linse %}'],
    ['{% $input.deep.list[1].ids %}'],
    ['{% $input.none[0] %}'],
    ['{% $input.nothing %}'],
    ['{% $lookup($input, "nothing") %}'],
  ])('of %j fail the execution', async (items) => {
    const status = await goThrough(items, input);
    expect(status).toMatchObject({
      status: 'FAILED',
      error: { code: 'States.QueryEvaluationError', step: 'loop' },
    });
  });

  it.each([['{% $input.linse %}'], ['{% $input.nothing %}'], ['{% $lookup($input, "nothing") %}']])(
    'of %j are none where the definition says that they are optional',
    async (items) => {
      expect(await goThrough(items, input, { optional: true })).toMatchObject({
        status: 'SUCCEEDED',
        output: [],
      });
    },
  );
});

it('an inner forEach finds its items in the item of the outer one, or fails', async () => {
  const inner = (items: string) => ({
    id: 'inner',
    forEach: { items, as: 'line', steps: [echo('one', '{% $line %}')] },
  });
  const looping = (items: string) => [
    { id: 'outer', forEach: { items: '{% $input.orders %}', as: 'order', steps: [inner(items)] } },
  ];
  for (const [name, items, status] of [
    ['right', '{% $order.lines %}', 'SUCCEEDED'],
    ['wrong', '{% $order.linse %}', 'FAILED'],
  ] as const) {
    await door('define_workflow', { name, steps: looping(items) });
    expect(await runToEnd(door, name, input)).toMatchObject({ status });
  }
});

describe('a wait', () => {
  it.each([
    [{ seconds: '{% $input.value %}' }, -1],
    [{ seconds: '{% $input.value %}' }, 1.5],
    [{ seconds: '{% $input.value %}' }, 100_000_000],
    [{ seconds: '{% $input.value %}' }, null],
    [{ until: '{% $input.value %}' }, '2026-02-30T00:00:00Z'],
    [{ until: '{% $input.value %}' }, '2026-11-27'],
  ])('of %j with %j fails the execution', async (wait, value) => {
    defined += 1;
    const name = `waits-${defined}`;
    await door('define_workflow', { name, steps: [{ id: 'pause', wait }] });
    expect(await runToEnd(door, name, { value })).toMatchObject({
      status: 'FAILED',
      error: { code: 'States.QueryEvaluationError', step: 'pause' },
    });
  });

  it.each([
    [{ seconds: -1 }, 'steps[0].wait.seconds'],
    [{ seconds: 1.5 }, 'steps[0].wait.seconds'],
    [{ until: '2026-02-30T00:00:00Z' }, 'steps[0].wait.until'],
  ])('of %j is refused when it is defined', async (wait, path) => {
    const { code, body } = await door('define_workflow', { name: 'waits', steps: [{ id: 'pause', wait }] });
    expect(code).toBe('workflow.invalid');
    expect(body).toMatchObject({ errors: [{ path }] });
  });
});
