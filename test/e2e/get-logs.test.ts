/** get_logs: what the orchestrator logs, and what instances print, through both doors. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { LogLine } from '../../src/monitor/logs/model/log-line.ts';
import { type Door, doors, restDoor, runToEnd } from '../system/clients.ts';
import { drivenService, servingThrough, until } from '../system/driven-services.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

const Page = z.strictObject({
  lines: z.array(LogLine.strict()),
  cursor: z.string(),
  more: z.boolean(),
  lost: z.boolean().optional(),
});

/** Prints what it is asked to, by the query. */
const printing = `
const { createServer } = require('node:http');
createServer((request, response) => {
  const text = new URL(request.url, 'http://x').searchParams.get('say');
  if (text !== null) console.log(text);
  response.end('{}');
}).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listens, PASSWORD=' + process.env.PASSWORD));`;

const printer = drivenService({
  name: 'printer',
  more: {
    driver: {
      kind: 'process',
      settings: {
        command: [process.execPath, '-e', printing],
        env: { PASSWORD: 'hunter2-printed' },
        stopGraceSeconds: 1,
      },
    },
    desired: 'running',
  },
});

let system: TestSystem;
let shop: ScriptedService;
let workflowId: string;

beforeAll(async () => {
  shop = await startScriptedService(({ path }, response) =>
    json(response, {}, path === '/fails' ? 500 : 200),
  );
  system = await startTestSystem({ manifest: { services: [printer], workflows: [] } });
  const door = restDoor(system.endpoints);
  await door('register_service', { name: 'shop', transport: 'rest', url: shop.url });
  const call = (path: string) => ({ service: 'shop', request: { method: 'GET', path } });
  const steps = [
    { id: 'first', call: call('/works') },
    { id: 'last', call: call('/fails') },
  ];
  await door('define_workflow', { name: 'shopping', steps });
  workflowId = (await runToEnd(door, 'shopping', {})).workflowId;
}, 60_000);

afterAll(async () => {
  await system?.close();
  await shop?.close();
});

const read = async (door: Door, input: Record<string, unknown>) => {
  const answer = await door('get_logs', input);
  expect(answer).toMatchObject({ code: undefined });
  return Page.parse(answer.body);
};

const told = ({ lines }: z.infer<typeof Page>) =>
  lines.map(({ message, step, function: name }) => [name, message, ...(step ? [step] : [])].join(' '));

const wholeRun = [
  'api execution started',
  'run-step service call first',
  'run-step step attempt first',
  'run-step service call last',
  'run-step step attempt last',
  'record-execution execution ended',
];

describe.each(doors)('through $door', ({ open }) => {
  const door: Door = (id, input) => open(system.endpoints)(id, input);

  it('shows an execution from its start to its end, and whose lines they are', async () => {
    const page = await read(door, { workflowId });
    expect([told(page), page.more]).toEqual([wholeRun, false]);
    expect(page.lines[1]).toMatchObject({
      source: 'system',
      level: 'info',
      workflowId,
      service: 'shop',
      instance: expect.stringMatching(/^shop@127\.0\.0\.1:\d+$/),
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      time: expect.stringMatching(/^2\d{3}-\d\d-\d\dT.*Z$/),
      fields: { workflow: 'shopping', call: 'GET /works' },
    });
  });

  it('pages through it, each line once', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let pages = 0; pages < 3; pages++) {
      const page = await read(door, { workflowId, limit: 2, ...(cursor !== undefined && { cursor }) });
      seen.push(...told(page));
      cursor = page.cursor;
    }
    expect(seen).toEqual(wholeRun);
  });

  it('shows one step of it, what is a warning at least, or what is about a service', async () => {
    expect(told(await read(door, { workflowId, step: 'first' }))).toEqual(wholeRun.slice(1, 3));
    const warned = await read(door, { workflowId, level: 'warn' });
    expect(told(warned)).toEqual(wholeRun.slice(3));
    expect(warned.lines[0]?.fields).toMatchObject({ code: 'service.failed' });
    const ofService = await read(door, { service: 'shop', workflowId, level: 'error' });
    expect(told(ofService)).toEqual([]);
  });

  it('shows a time, and nothing before or after it', async () => {
    const [, second] = (await read(door, { workflowId })).lines;
    const from = second?.time ?? '';
    const to = new Date(Date.parse(from) + 1).toISOString();
    const within = await read(door, { workflowId, from, to });
    expect(within.lines.every(({ time }) => time === from)).toBe(true);
    expect(told(within)).toContain('run-step service call first');
  });

  it('waits for lines, and answers when there are some', async () => {
    // Its first check has a line too, which comes when it comes.
    const { cursor } = await until(async () => {
      const answer = await read(door, { service: 'shop' });
      return told(answer).includes('check-health health changed') ? answer : undefined;
    });
    const waiting = read(door, { service: 'shop', cursor, wait: 25 });
    const request = { method: 'GET', path: '/works' };
    await restDoor(system.endpoints)('call_service', { service: 'shop', request });
    expect(told(await waiting)).toEqual(['api service call']);
  });

  it('shows what an instance prints, without a time or what is a secret, and follows it', async () => {
    const [instance] = await until(async () => {
      const serving = await servingThrough(door, 'printer');
      return serving.length > 0 ? serving : undefined;
    });
    const asked = { source: 'process', service: 'printer', instance: instance?.id };
    const { lines, cursor } = await read(door, asked);
    expect(lines[0]).toEqual({
      source: 'process',
      message: 'listens, PASSWORD=[redacted]',
      service: 'printer',
      instance: instance?.id,
    });
    const waiting = read(door, { ...asked, cursor, wait: 25 });
    await fetch(new URL('?say=something+new', instance?.url));
    expect((await waiting).lines.map(({ message }) => message)).toEqual(['something new']);
  });
});

it.each([
  ['request.invalid', { source: 'process', service: 'printer' }, /instance: is required with source process/],
  [
    'request.invalid',
    { source: 'process', service: 'a', instance: 'b', level: 'warn' },
    /source: process goes/,
  ],
  ['request.invalid', { cursor: 'x' }, /cursor is not a cursor/],
  ['request.invalid', { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' }, /from: must be earlier/],
  ['request.invalid', { workflowId: 'a"b' }, /workflowId/],
  ['execution.not-found', { workflowId: 'nobody' }, /no execution nobody/],
  [
    'instance.not-found',
    { source: 'process', service: 'shop', instance: 'static' },
    /starts no instance static/,
  ],
])('says %s to %j', async (code, input, detail) => {
  const answer = await restDoor(system.endpoints)('get_logs', input);
  expect(answer).toMatchObject({ code, body: { detail: expect.stringMatching(detail) } });
});
