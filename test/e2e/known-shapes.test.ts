/** The values of forEach, parallel and decisions: shown in the status, and paths into them checked when they are defined. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Door, restDoor, runToEnd } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

let system: TestSystem;
let service: ScriptedService;
let door: Door;

beforeAll(async () => {
  service = await startScriptedService(({ body }, response) => json(response, body ?? {}));
  system = await startTestSystem();
  door = restDoor(system.endpoints);
  await door('register_service', { name: 'echo', transport: 'rest', url: service.url });
}, 60_000);

afterAll(async () => {
  await system.close();
  await service.close();
});

const echo = (id: string, body: unknown = {}) => ({
  id,
  call: { service: 'echo', request: { method: 'POST', path: '/echo', body } },
});
const both = { id: 'both', parallel: [[echo('price', { amount: '{% $line.n %}' })], [echo('stock')]] };
const lines = { id: 'lines', forEach: { items: '{% $input.lines %}', as: 'line', steps: [both] } };
const first = echo('first');
const decision = { id: 'ok', approval: { message: 'Go on?' } };
const choice = {
  id: 'pick',
  choose: [
    { when: '{% $input.lines[0].n > 5 %}', steps: [echo('many')] },
    { when: '{% true %}', steps: [{ id: 'rest', wait: { seconds: 0 } }, echo('few')] },
  ],
};

async function faultsOf(steps: object[], expression: string) {
  const { body } = await door('validate_workflow_definition', {
    name: 'checked',
    steps: [...steps, echo('last', { value: `{% ${expression} %}` })],
  });
  return body['errors'];
}

describe('a path into a value of a known shape', () => {
  it.each([
    [
      '$lines.price',
      '"$lines" has no "price": the items of its list have both; did you mean "$lines.both.price"?',
    ],
    [
      '$sum($lines.price.amount)',
      '"$lines" has no "price": the items of its list have both; did you mean "$lines.both.price.amount"?',
    ],
    [
      '$lines[0].both.prise',
      '"$lines[0].both" has no "prise": it has price, stock; did you mean "$lines[0].both.price"?',
    ],
    ['$lines.other', '"$lines" has no "other": the items of its list have both'],
    ['$ok.approvd', '"$ok" has no "approvd": it has approved, by, at, comment; did you mean "$ok.approved"?'],
  ])('%s is refused with the right one', async (expression, message) => {
    const path = 'steps[2].call.request.body.value';
    const faults = await faultsOf([lines, decision], expression);
    expect(faults).toEqual([{ path, message }]);
  });

  it.each([
    '$lines',
    '$lines[0]',
    '$lines.both.price.whatever',
    '$lines.both.*',
    '$count($lines.both)',
    '$ok.by',
    '$lines.$keys()',
  ])('%s is taken', async (expression) => {
    expect(await faultsOf([lines, decision], expression)).toEqual([]);
  });
});

it('the status shows what forEach and parallel came to, and which branch was taken', async () => {
  await door('define_workflow', { name: 'shown', steps: [lines, choice] });
  const { steps, output } = await runToEnd(door, 'shown', { lines: [{ n: 1 }, { n: 2 }] });
  const view = (path: string) => steps.find((step) => step.path === path);
  const items = [
    { both: { price: { amount: 1 }, stock: {} } },
    { both: { price: { amount: 2 }, stock: {} } },
  ];
  expect(view('lines')?.output).toEqual(items);
  expect(view('lines/1/both')?.output).toEqual({ price: { amount: 2 }, stock: {} });
  expect(view('pick')).toMatchObject({ status: 'SUCCEEDED', branch: 'choose[1]' });
  expect(output).toEqual({ lines: items, few: {} });
});

it('the status shows an empty list of a forEach without items', async () => {
  await door('define_workflow', { name: 'none', steps: [lines] });
  const { steps } = await runToEnd(door, 'none', { lines: [] });
  expect(steps).toMatchObject([{ path: 'lines', status: 'SUCCEEDED', output: [] }]);
});

describe('a path into the item of a forEach', () => {
  const over = (items: unknown, value: string, more: object[] = []) => ({
    id: 'all',
    forEach: { items, as: 'one', steps: [...more, echo('inner', { value: `{% ${value} %}` })] },
  });
  const at = 'steps[1].forEach.steps[0].call.request.body.value';

  it.each([
    [
      'of another forEach',
      [lines, over('{% $lines %}', '$one.price')],
      { path: at, message: '"$one" has no "price": it has both; did you mean "$one.both.price"?' },
    ],
    [
      'of a part of it',
      [lines, over('{% $lines.both %}', '$one.stok')],
      { path: at, message: '"$one" has no "stok": it has price, stock; did you mean "$one.stock"?' },
    ],
    [
      'of values that are written out',
      [first, over([{ name: 'a', tags: { colour: 1 } }, { name: 'b' }], '$one.tags.color')],
      {
        path: at,
        message: '"$one.tags" has no "color": it has colour; did you mean "$one.tags.colour"?',
      },
    ],
    [
      'of numbers',
      [first, over([1, 2], '$one.price')],
      { path: at, message: '"$one" has no "price": it has no fields' },
    ],
    [
      'of a forEach around, as the items of an inner one',
      [
        lines,
        {
          id: 'outer',
          forEach: {
            items: '{% $lines %}',
            as: 'line2',
            steps: [
              {
                id: 'deep',
                forEach: {
                  items: '{% $line2.both %}',
                  as: 'one',
                  steps: [echo('inner', '{% $one.prise %}')],
                },
              },
            ],
          },
        },
      ],
      {
        path: 'steps[1].forEach.steps[0].forEach.steps[0].call.request.body',
        message: '"$one" has no "prise": it has price, stock; did you mean "$one.price"?',
      },
    ],
  ])('%s is refused with the right one', async (_what, steps, fault) => {
    expect(await faultsOf(steps, '1')).toEqual([fault]);
  });

  it.each([
    ['of the input', [first, over('{% $input.list %}', '$one.anything')]],
    ['that a filter finds', [lines, over('{% $lines[both.stock.n > 1] %}', '$one.both.price')]],
    ['with an expression in it', [first, over(['{% $input.a %}', { b: 1 }], '$one.c')]],
    ['that is there', [lines, over('{% $lines[0] %}', '$one.both.price.amount')]],
  ])('%s is taken', async (_what, steps) => {
    expect(await faultsOf(steps, '1')).toEqual([]);
  });
});
