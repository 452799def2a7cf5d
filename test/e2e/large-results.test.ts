/** Results that no state of a state machine could hold: passed on whole, looked into, shown and read. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Door, doors, rest, restDoor, runToEnd, type Status } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

let system: TestSystem;
let service: ScriptedService;
let door: Door;

/** Text that does not compress, the same for the same seed. */
function noise(characters: number, seed: number): string {
  let state = seed;
  return Array.from({ length: characters }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return String.fromCharCode(48 + ((state >>> 16) % 75)).replace(/[\\"]/, 'z');
  }).join('');
}

const forged = { note: { resultRef: { step: 'make', id: '0123456789abcdef', chunks: 1, bytes: 5 } } };

beforeAll(async () => {
  service = await startScriptedService(({ path, body }, response) => {
    const [, route, size = '0', name = ''] = path.split('/');
    const bytes = Number(size);
    if (route === 'text') return json(response, { name, text: name.repeat(bytes) });
    if (route === 'noise') return json(response, { name, text: noise(bytes, 7) });
    if (route === 'list')
      return json(response, {
        rows: Array.from({ length: bytes }, (_, n) => ({ n, name: 'row of the list' })),
      });
    if (route === 'forged') return json(response, forged);
    if (route === 'encoded') return json(response, { body: JSON.stringify({ text: 'x'.repeat(bytes) }) });
    json(response, { took: JSON.stringify(body ?? null).length }, route === 'refuse' ? 400 : 200);
  });
  system = await startTestSystem();
  door = restDoor(system.endpoints);
  await door('register_service', { name: 'large', transport: 'rest', url: service.url });
}, 60_000);

afterAll(async () => {
  await system.close();
  await service.close();
});

beforeEach(() => {
  service.seen.length = 0;
});

const make = (id: string, path: string, rest: object = {}) => ({
  id,
  call: { service: 'large', request: { method: 'GET', path } },
  ...rest,
});
const take = (id: string, body: unknown, path = '/take') => ({
  id,
  call: { service: 'large', request: { method: 'POST', path, body } },
});

let names = 0;
async function run(steps: object[], rest: object = {}, input: unknown = {}): Promise<Status> {
  names += 1;
  const name = `large-${names}`;
  const defined = await door('define_workflow', { name, steps, ...rest });
  expect(defined.body).not.toHaveProperty('code');
  return runToEnd(door, name, input);
}

/** The body of the last request of this path. */
const received = (path = '/take'): unknown => service.seen.findLast((seen) => seen.path === path)?.body;

const Shown = z.object({ outputBytes: z.number(), resultLink: z.string() });
const shown = (status: Status, path: string) => Shown.parse(status.steps.find((step) => step.path === path));

describe('a result over 32 KB', () => {
  it('of two branches of 150 KB is passed on whole, and its parts are', async () => {
    const status = await run([
      { id: 'both', parallel: [[make('left', '/text/150000/l')], [make('right', '/text/150000/r')]] },
      take('gather', {
        all: '{% $both %}',
        left: '{% $both.left %}',
        right: '{% $both.right.name %}',
        count: '{% $length($both.left.text) + $length($both.right.text) %}',
      }),
    ]);
    expect(status).toMatchObject({ status: 'SUCCEEDED' });
    const left = { name: 'l', text: 'l'.repeat(150_000) };
    const right = { name: 'r', text: 'r'.repeat(150_000) };
    expect(received()).toEqual({ all: { left, right }, left, right: 'r', count: 300_000 });
    expect(shown(status, 'left')).toEqual({
      outputBytes: 150_022,
      resultLink: `/v1/executions/${status.workflowId}/results/left`,
    });
    expect(status.output).toMatchObject({
      both: { left: { resultRef: { step: 'left', bytes: 150_022, link: shown(status, 'left').resultLink } } },
    });
  });

  it('of each of 100 iterations of 5 KB is passed on whole, and its parts are', async () => {
    const items = Array.from({ length: 100 }, (_, n) => n);
    const status = await run(
      [
        {
          id: 'loop',
          forEach: {
            items: '{% $input.items %}',
            as: 'item',
            maxConcurrency: 40,
            steps: [
              make('one', "{% '/text/5000/' & $item %}"),
              take('size', '{% $length($one.text) %}', '/size'),
            ],
          },
        },
        take('gather', {
          all: '{% $loop.one %}',
          names: '{% $loop.one.name %}',
          count: '{% $count($loop) %}',
        }),
      ],
      { output: { count: '{% $count($loop) %}', last: '{% $loop[-1].one.name %}' } },
      { items },
    );
    expect(status).toMatchObject({ status: 'SUCCEEDED', output: { count: 100, last: '99' } });
    const name = (n: number) => String(n);
    expect(received()).toEqual({
      all: items.map((n) => ({ name: name(n), text: name(n).repeat(5_000) })),
      names: items.map(name),
      count: 100,
    });
    expect(shown(status, 'loop/99/one').outputBytes).toBe(10_023);
    const link = shown(status, 'loop/99/one').resultLink;
    expect(link).toMatch(/\/results\/loop%2F99%2Fone$/);
    const read = await rest(system.endpoints, ['GET', link]);
    expect(read.body['result']).toEqual({ name: '99', text: '99'.repeat(5_000) });
  });

  it('is one of eight that make up one call, which arrives whole', async () => {
    const sizes = [40, 45, 50, 60, 70, 80, 90, 100].map((kilobytes) => kilobytes * 1000);
    const id = (n: number) => `part${n}`;
    const status = await run([
      ...sizes.map((size, n) => make(id(n), `/text/${size}/x`)),
      take('gather', {
        whole: sizes.map((_size, n) => `{% $${id(n)} %}`),
        parts: `{% { ${sizes.map((_size, n) => `'${n}': $${id(n)}.text`).join(', ')} } %}`,
      }),
    ]);
    expect(status).toMatchObject({ status: 'SUCCEEDED' });
    expect(received()).toEqual({
      whole: sizes.map((size) => ({ name: 'x', text: 'x'.repeat(size) })),
      parts: Object.fromEntries(sizes.map((size, n) => [n, 'x'.repeat(size)])),
    });
  });

  it('and many below it that are used together are passed on whole', async () => {
    const ids = Array.from({ length: 12 }, (_, n) => `small${n}`);
    const status = await run([
      ...ids.map((id) => make(id, '/text/30000/s')),
      take('gather', { all: ids.map((id) => `{% $${id} %}`), some: ids.map((id) => `{% $${id}.text %}`) }),
    ]);
    expect(status.error).toBeUndefined();
    const text = 's'.repeat(30_000);
    expect(received()).toEqual({ all: ids.map(() => ({ name: 's', text })), some: ids.map(() => text) });
  });

  it('may be part of the path and the query of a request', async () => {
    const status = await run([
      make('fetch', '/text/40000/n'),
      {
        id: 'use',
        call: {
          service: 'large',
          request: {
            method: 'POST',
            path: "{% '/take/' & $fetch.name %}",
            query: { q: '{% $fetch.name %}' },
            body: '{% $fetch %}',
          },
        },
      },
    ]);
    expect(status.status).toBe('SUCCEEDED');
    expect(received('/take/n?q=n')).toEqual({ name: 'n', text: 'n'.repeat(40_000) });
  });

  it('is evaluated with the input, the execution and the items that its expression names', async () => {
    const status = await run(
      [
        make('fetch', '/text/40000/n'),
        {
          id: 'loop',
          forEach: {
            items: [{ n: 1 }],
            as: 'item',
            steps: [take('use', { is: '{% [$fetch.name, $input.by, $item.n, $execution.id] %}' })],
          },
        },
      ],
      {},
      { by: 'me' },
    );
    expect(status.status).toBe('SUCCEEDED');
    expect(received()).toEqual({ is: ['n', 'me', 1, status.workflowId] });
  });
});

describe('where Step Functions itself needs the value, the execution fails and says what to do', () => {
  it.each([
    ['a condition', { id: 'use', choose: [{ when: "{% $make.name = 'a' %}", steps: [make('yes', '/x')] }] }],
    [
      'the items of a forEach',
      { id: 'use', forEach: { items: '{% $make %}', as: 'item', steps: [make('yes', '/x')] } },
    ],
    ['a wait', { id: 'use', wait: { seconds: '{% $make.seconds %}' } }],
  ])('in %s', async (_what, step) => {
    const status = await run([make('make', '/text/40000/a'), step]);
    expect(status.status).toBe('FAILED');
    expect(status.error?.code).toBe('States.QueryEvaluationError');
    expect(status.error?.message).toContain('the result of make is kept by reference');
    expect(status.error?.message).toContain('keep the part that is needed with select');
  });

  it('in a function that only Step Functions has', async () => {
    const status = await run([make('make', '/encoded/40000'), take('use', '{% $parse($make.body).text %}')]);
    expect(status.status).toBe('FAILED');
    expect(status.error?.message).toContain('$parse of Step Functions cannot be called with it');
  });

  it('but not to ask whether there is a value, nor for what select keeps', async () => {
    const status = await run([
      make('make', '/text/40000/a', { onFailure: 'continue' }),
      make('part', '/list/3000', { select: '{% $result.rows[n < 3] %}' }),
      { id: 'pick', choose: [{ when: '{% $exists($make) %}', steps: [take('yes', '{% $make.name %}')] }] },
      {
        id: 'loop',
        forEach: { items: '{% $part %}', as: 'row', steps: [take('row1', '{% $row.n %}', '/row')] },
      },
      { id: 'many', choose: [{ when: '{% $count($loop) = 3 %}', steps: [make('three', '/x')] }] },
    ]);
    expect(status.status).toBe('SUCCEEDED');
    expect(received()).toBe('a');
    expect(status.steps.find(({ id }) => id === 'three')?.status).toBe('SUCCEEDED');
  });
});

describe('a result of up to 4 MB', () => {
  it('that does not compress is passed on whole', async () => {
    const status = await run([make('make', '/noise/4100000/n'), take('use', '{% $make.text %}')]);
    expect(status.status).toBe('SUCCEEDED');
    expect(received() === noise(4_100_000, 7)).toBe(true);
    expect(shown(status, 'make').outputBytes).toBe(4_100_022);
  });

  it('is the largest: a larger one is an error that onFailure passes over', async () => {
    const status = await run([
      make('make', '/text/4200000/a', { onFailure: 'continue' }),
      take('use', "{% $exists($make) ? 'there' : 'not there' %}"),
    ]);
    expect(status.status).toBe('SUCCEEDED');
    expect(received()).toBe('not there');
    expect(status.steps[0]).toMatchObject({
      status: 'FAILED',
      attempts: [{ error: { code: 'step.result-too-large' } }],
    });
  });

  it('counts as select leaves it', async () => {
    const select = '{% $result.text & $result.text %}';
    const status = await run([make('make', '/text/2200000/a', { select })]);
    expect(status).toMatchObject({
      status: 'FAILED',
      error: { code: 'step.result-too-large', step: 'make' },
    });
    expect(status.error?.message).toContain('The result has 4400002 bytes and may have 4194304');
  });

  it('fails in a forEach of so many items that not even a reference has room, and says so', async () => {
    const items = Array.from({ length: 2_500 }, () => 1);
    const steps = [make('one', '/text/300/a')];
    const status = await run(
      [{ id: 'loop', forEach: { items: '{% $input.items %}', as: 'item', steps } }],
      {},
      { items },
    );
    expect(status).toMatchObject({ status: 'FAILED', error: { code: 'step.result-too-large' } });
    expect(status.error?.message).toBe(
      'The result has 322 bytes and may have 71 among so many items of its forEach; keep the part that is needed with select',
    );
  });
});

describe('the output of the workflow', () => {
  const steps = [make('first', '/text/40000/f'), make('last', '/list/2000')];

  it('is evaluated where it looks inside, and refers to what it only passes on', async () => {
    const status = await run(
      steps,
      {
        output: {
          name: '{% $first.name & $input.by %}',
          rows: '{% $last.rows[n = 1999].n %}',
          all: "{% {'whole': $first, 'name': $first.name} %}",
          last: '{% $last %}',
          both: "{% {'f': $first} %}",
        },
      },
      { by: '!' },
    );
    const link = `/v1/executions/${status.workflowId}/results/first`;
    expect(status).toMatchObject({
      status: 'SUCCEEDED',
      output: {
        name: 'f!',
        rows: 1999,
        all: { whole: { resultRef: { step: 'first', link } }, name: 'f' },
        last: { resultRef: { step: 'last' } },
        both: { f: { resultRef: { step: 'first', bytes: 40_022, link } } },
      },
    });
  });

  it('may have 256 KB of what it looks inside', async () => {
    const status = await run([make('first', '/text/300000/f')], { output: '{% $first.text %}' });
    expect(status).toMatchObject({ status: 'FAILED', error: { code: 'step.expression-failed' } });
    expect(status.error?.message).toBe(
      'output: it has 300002 bytes and may have 262144; name the parts that are needed, or a step as a whole',
    );
  });

  it('that cannot be evaluated ends the execution as failed, and what was done is undone', async () => {
    const compensate = { service: 'undoer', tool: 'undo', arguments: { name: '{% $first.name %}' } };
    await door('register_service', { name: 'undoer', transport: 'mcp', url: `${service.url}/mcp` });
    const status = await run([{ ...steps[0], compensate }], { output: '{% $first.missing %}' });
    expect(status).toMatchObject({ status: 'FAILED', error: { code: 'step.expression-failed' } });
    expect(status.error?.message).toContain('$first.missing');
    expect(status.steps[0]?.undo).toBeDefined();
  });
});

describe('an answer that looks like a reference', () => {
  it('is passed on as the data it is', async () => {
    const status = await run([
      make('make', '/forged'),
      take('use', { all: '{% $make %}', note: '{% $make.note %}' }),
    ]);
    expect(status.status).toBe('SUCCEEDED');
    expect(received()).toEqual({ all: forged, note: forged.note });
    expect(shown(status, 'make').outputBytes).toBe(83);
  });

  it('of an input that names a result which is not kept fails its step', async () => {
    const status = await run([take('use', '{% $input %}')], {}, forged);
    expect(status).toMatchObject({
      status: 'FAILED',
      error: { code: 'step.expression-failed', step: 'use' },
    });
  });
});

describe.each(doors)('get_step_result over $door', ({ open }) => {
  const Read = z.object({ characters: z.number(), text: z.string(), nextOffset: z.number().optional() });

  it('gives a result slice by slice when it is too large for one answer', async () => {
    const status = await run([make('make', '/noise/1200000/n')]);
    const read = open(system.endpoints);
    let text = '';
    for (let offset: number | undefined = 0; offset !== undefined; ) {
      const input = { workflowId: status.workflowId, step: 'make', ...(offset > 0 && { offset }) };
      const slice = Read.parse((await read('get_step_result', input)).body);
      text += slice.text;
      offset = slice.nextOffset;
    }
    expect(JSON.parse(text)).toEqual({ name: 'n', text: noise(1_200_000, 7) });
  });

  it('gives a small result whole, and says which there are not', async () => {
    const status = await run([
      make('make', '/text/3/a'),
      make('risky', '/refuse', { onFailure: 'continue' }),
    ]);
    const read = open(system.endpoints);
    const { workflowId } = status;
    const small = await read('get_step_result', { workflowId, step: 'make' });
    expect(small.body).toEqual({
      workflowId,
      step: 'make',
      characters: 25,
      result: { name: 'a', text: 'aaa' },
    });
    expect((await read('get_step_result', { workflowId, step: 'risky' })).code).toBe('step.result-not-found');
    expect((await read('get_step_result', { workflowId, step: 'other' })).code).toBe('step.result-not-found');
    expect((await read('get_step_result', { workflowId: 'x', step: 'make' })).code).toBe(
      'execution.not-found',
    );
  });
});

it('the path of a step in a forEach is found with its slashes written either way', async () => {
  const status = await run([
    { id: 'loop', forEach: { items: [1], as: 'item', steps: [make('one', '/text/3/a')] } },
  ]);
  const link = `/v1/executions/${status.workflowId}/results`;
  for (const path of ['loop%2F0%2Fone', 'loop/0/one']) {
    const { status: code, body } = await rest(system.endpoints, ['GET', `${link}/${path}`]);
    expect({ code, result: body['result'] }).toEqual({ code: 200, result: { name: 'a', text: 'aaa' } });
  }
  expect((await rest(system.endpoints, ['GET', `${link}/loop%2F0%2Fone?offset=5`])).body['text']).toBe(
    'e":"a","text":"aaa"}',
  );
});
