/** An expression that fails is told in the words of its author: where it stands, what was written, what was there. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { awaitStatus, type Door, restDoor, runToEnd, workflowIdOf } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

const Failed = z.looseObject({ message: z.string() });

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

const echo = (id: string, body: unknown, rest: object = {}) => ({
  id,
  call: { service: 'echo', request: { method: 'POST', path: '/echo', body } },
  ...rest,
});
const loop = (items: unknown, steps: object[], as = 'item') => ({
  id: `over_${as}`,
  forEach: { items, as, steps },
});
const large = echo('big', { text: 'x'.repeat(40_000), amount: 'seven' });
const quiet = echo('quiet', { ok: true });

interface Case {
  readonly steps: object[];
  readonly input?: object;
  readonly output?: unknown;
  readonly message: string;
  readonly step?: string;
}

const cases: Record<string, Case> = {
  'an argument without a value': {
    steps: [quiet, echo('pay', { amount: '{% $input.amout %}' })],
    input: { amount: 3, by: 'me' },
    message:
      'steps[1].call.request.body.amount: {% $input.amout %} came to nothing, expected a value; $input has no "amout", did you mean "amount"?',
    step: 'pay',
  },
  'an argument whose names are far off': {
    steps: [echo('pay', { list: [1, '{% $input.nothing.more %}'] })],
    input: { amount: 3, by: 'me' },
    message:
      'steps[0].call.request.body.list[1]: {% $input.nothing.more %} came to nothing, expected a value; $input has no "nothing", it has "amount", "by"',
    step: 'pay',
  },
  'a function with values of the wrong type': {
    steps: [
      echo('lines', { price: [{ amount: 'x' }, { amount: 'y' }] }),
      echo('total', { sum: '{% $sum($lines.price.amount) %}' }),
    ],
    message:
      'steps[1].call.request.body.sum: {% $sum($lines.price.amount) %} failed: Argument 1 of function "sum" must be an array of "numbers"; $lines.price.amount is an array of 2: ["x","y"]',
    step: 'total',
  },
  'the parts of a parallel': {
    steps: [
      { id: 'both', parallel: [[echo('left', { n: 1 })], [echo('right', { n: 2 })]] },
      echo('total', { n: '{% $both.left.m %}' }),
    ],
    message:
      'steps[1].call.request.body.n: {% $both.left.m %} came to nothing, expected a value; $both.left has no "m", it has "n"',
    step: 'total',
  },
  'a list of results whose items have another shape': {
    steps: [
      loop([1, 2], [echo('one', { n: '{% $item %}' })]),
      echo('total', { n: '{% $sum($over_item.one.m) %}' }),
    ],
    message:
      'steps[1].call.request.body.n: {% $sum($over_item.one.m) %} came to nothing, expected a value; $over_item.one has no "m", it has "n"',
    step: 'total',
  },
  'an item of an inner loop': {
    steps: [
      loop(
        '{% $input.orders %}',
        [
          loop(
            '{% $order.lines %}',
            [echo('one', { n: '{% $line.id & $order.name %}', m: '{% $line.amount + 1 %}' })],
            'line',
          ),
        ],
        'order',
      ),
    ],
    input: {
      orders: [
        { name: 'a', lines: [] },
        { name: 'b', lines: [{ id: 1, amount: 'much' }] },
      ],
    },
    message:
      'steps[0].forEach.steps[0].forEach.steps[0].call.request.body.m: {% $line.amount + 1 %} failed: The left side of the "+" operator must evaluate to a number; $line.amount is the text "much"',
    step: 'over_order/1/over_line/0/one',
  },
  'items that are not there': {
    steps: [loop('{% $input.linse %}', [quiet])],
    input: { lines: [] },
    message:
      'steps[0].forEach.items: {% $input.linse %} came to nothing, expected items, unless "optional" is true; $input has no "linse", did you mean "lines"?',
    step: 'over_item',
  },
  'items that are null': {
    steps: [loop('{% $input.lines %}', [quiet])],
    input: { lines: null },
    message:
      'steps[0].forEach.items: {% $input.lines %} came to null, expected items, unless "optional" is true',
    step: 'over_item',
  },
  'a condition that is no condition': {
    steps: [
      {
        id: 'pick',
        choose: [
          { when: '{% false %}', steps: [quiet] },
          { when: '{% $input.urgent %}', steps: [echo('other', 1)] },
        ],
      },
    ],
    input: { urgent: 'yes' },
    message: 'steps[0].choose[1].when: {% $input.urgent %} came to the text "yes", expected true or false',
    step: 'pick',
  },
  'a wait that is no number': {
    steps: [{ id: 'pause', wait: { seconds: '{% $input.s %}' } }],
    input: { s: { a: 1 } },
    message:
      'steps[0].wait.seconds: {% $input.s %} came to an object with "a", expected a whole number from 0 to 99999999',
    step: 'pause',
  },
  'a wait that is no whole number': {
    steps: [{ id: 'pause', wait: { seconds: '{% $input.s %}' } }],
    input: { s: 1.5 },
    message:
      'steps[0].wait.seconds: {% $input.s %} came to the number 1.5, expected a whole number from 0 to 99999999',
    step: 'pause',
  },
  'a wait until a day that does not exist': {
    steps: [{ id: 'pause', wait: { until: '{% $input.at %}' } }],
    input: { at: '2026-02-30T00:00:00Z' },
    message:
      'steps[0].wait.until: {% $input.at %} came to the text "2026-02-30T00:00:00Z", expected a time such as "2026-11-23T09:30:00Z"',
    step: 'pause',
  },
  'the message of an approval': {
    steps: [{ id: 'ok', approval: { message: '{% $input.what %}' } }],
    message:
      'steps[0].approval.message: {% $input.what %} came to nothing, expected a value; $input has no "what": it is an empty object',
    step: 'ok',
  },
  'the output': {
    steps: [quiet],
    output: { fine: '{% $quiet.okay %}' },
    message:
      'output.fine: {% $quiet.okay %} came to nothing, expected a value; $quiet has no "okay", it has "ok"',
  },
  'what is selected of a result': {
    steps: [quiet, echo('one', { a: 'x' }, { select: '{% $result.a + 1 %}' })],
    message:
      'steps[1].select: {% $result.a + 1 %} failed: The left side of the "+" operator must evaluate to a number; $result.a is the text "x"',
    step: 'one',
  },
  'an argument from a large result': {
    steps: [large, echo('pay', { amount: '{% $big.amout %}' })],
    message:
      'steps[1].call.request.body.amount: {% $big.amout %} came to nothing, expected a value; $big has no "amout", did you mean "amount"?',
    step: 'pay',
  },
  'an output from a large result': {
    steps: [large],
    output: { total: '{% $big.amount + 1 %}' },
    message:
      'output.total: {% $big.amount + 1 %} failed: The left side of the "+" operator must evaluate to a number; $big.amount is the text "seven"',
  },
  'a path of a request that is no text': {
    steps: [{ id: 'get', call: { service: 'echo', request: { method: 'GET', path: '{% $input.n %}' } } }],
    input: { n: 3 },
    message: 'steps[0].call.request.path: {% $input.n %} is the number 3, expected text',
    step: 'get',
  },
  'a function in the place of a value': {
    steps: [echo('one', { n: '{% $sum %}' })],
    message: 'steps[0].call.request.body.n: {% $sum %} failed: it came to a function, which is not JSON',
    step: 'one',
  },
  'a number that JSON cannot hold': {
    steps: [echo('one', { n: ['{% 1 / $input.zero %}'] })],
    input: { zero: 0 },
    message:
      'steps[0].call.request.body.n[0]: {% 1 / $input.zero %} failed: Number out of range: Infinity; $input.zero is the number 0',
    step: 'one',
  },
  'a value with such a number in it, in what is selected': {
    steps: [echo('one', { a: 1e308 }, { select: '{% {"most": [$result.a * 10]} %}' })],
    message:
      'steps[0].select: {% {"most": [$result.a * 10]} %} failed: Number out of range: Infinity; $result.a is the number 1e+308',
    step: 'one',
  },
  'such a number in the output': {
    steps: [quiet],
    output: { least: '{% -1e308 * 10 %}' },
    message: 'output.least: {% -1e308 * 10 %} failed: Number out of range: -Infinity',
  },
  'such a number from a function that may run away': {
    steps: [echo('one', { n: '{% $map([1, 0], function($n) { 1 / $n }) %}' })],
    message:
      'steps[0].call.request.body.n: {% $map([1, 0], function($n) { 1 / $n }) %} failed: Number out of range: Infinity',
    step: 'one',
  },
  'the query of a request that is no object': {
    steps: [
      {
        id: 'get',
        call: { service: 'echo', request: { method: 'GET', path: '/', query: '{% $input.n %}' } },
      },
    ],
    input: { n: [1] },
    message: 'steps[0].call.request.query: {% $input.n %} is an array of 1: [1], expected an object',
    step: 'get',
  },
  'a value of the query that is an object': {
    steps: [
      {
        id: 'get',
        call: { service: 'echo', request: { method: 'GET', path: '/', query: { q: ['{% $input.n %}'] } } },
      },
    ],
    input: { n: { a: 1 } },
    message:
      'GET / of service echo was not called: steps[0].call.request.query.q[0]: {% $input.n %} is an object with "a", expected text, a number, true or false',
    step: 'get',
  },
  'a header that cannot be sent, of headers that are one expression': {
    steps: [
      {
        id: 'get',
        call: { service: 'echo', request: { method: 'GET', path: '/', headers: '{% $input.headers %}' } },
      },
    ],
    input: { headers: { 'x-city': 'Łódź' } },
    message:
      'GET / of service echo was not called: steps[0].call.request.headers.x-city: {% $input.headers %} has "Ł" (U+0141) at position 0, and a header is sent as printable ASCII; encode it, as with $encodeUrlComponent',
    step: 'get',
  },
};

it.each(Object.entries(cases))('%s', async (_what, { steps, input = {}, output, message, step }) => {
  const name = 'failing';
  const defined = await door('define_workflow', { name, steps, ...(output !== undefined && { output }) });
  expect(defined.body).not.toHaveProperty('errors');
  const { status, error } = await runToEnd(door, name, input);
  expect({ status, message: error?.message }).toEqual({ status: 'FAILED', message });
  expect(error?.step).toBe(step);
});

it('says the same of steps that the workflow goes on without', async () => {
  const goesOn = { onFailure: 'continue' };
  const steps = [
    echo('uncalled', { n: '{% $input.amout %}' }, goesOn),
    {
      id: 'path',
      call: { service: 'echo', request: { method: 'GET', path: '{% $input.amount %}' } },
      ...goesOn,
    },
    echo('select', { n: 'x' }, { select: '{% $result.n + 1 %}', ...goesOn }),
    loop('{% $input.lines %}', [echo('inner', { n: '{% $item.price %}' }, goesOn)]),
    { id: 'ask', approval: { message: '{% $input.what %}' }, ...goesOn },
  ];
  await door('define_workflow', { name: 'goes-on', steps });
  const started = await door('start_workflow', {
    workflow: 'goes-on',
    input: { amount: 3, lines: [{ prize: 1 }, { cost: 2 }] },
  });
  const ended = await awaitStatus(door, workflowIdOf(started));
  expect(ended.status).toBe('SUCCEEDED');
  const told = z
    .array(
      z.looseObject({
        path: z.string(),
        error: Failed.optional(),
        attempts: z.array(z.looseObject({ error: Failed.optional() })),
      }),
    )
    .parse(ended.steps)
    .map(({ path, error, attempts }) => [path, (error ?? attempts[0]?.error)?.message]);
  expect(Object.fromEntries(told)).toMatchObject({
    uncalled:
      'steps[0].call.request.body.n: {% $input.amout %} came to nothing, expected a value; $input has no "amout", did you mean "amount"?',
    path: 'steps[1].call.request.path: {% $input.amount %} is the number 3, expected text',
    select:
      'steps[2].select: {% $result.n + 1 %} failed: The left side of the "+" operator must evaluate to a number; $result.n is the text "x"',
    'over_item/0/inner':
      'steps[3].forEach.steps[0].call.request.body.n: {% $item.price %} came to nothing, expected a value; $item has no "price", did you mean "prize"?',
    'over_item/1/inner':
      'steps[3].forEach.steps[0].call.request.body.n: {% $item.price %} came to nothing, expected a value; $item has no "price", it has "cost"',
    ask: 'steps[4].approval.message: {% $input.what %} came to nothing, expected a value; $input has no "what", it has "amount", "lines"',
  });
});
