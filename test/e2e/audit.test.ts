/** Who asked for what, and what came of it: recorded of every surface, without secrets and payloads, for administrators. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { awaitStatus, type Door, doors, rest, restDoor, workflowIdOf } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

const adminKey = 'c0ffee-c0ffee-c0ffee-c0ffee-c0ffee-c0ffee';
const marked = 'marked-9b1f7c-secret';

let system: TestSystem;
let admin: Door;

beforeAll(async () => {
  system = await startTestSystem({ adminKey });
  admin = restDoor({ ...system.endpoints, adminKey });
}, 60_000);

afterAll(() => system?.close());

const Events = z.object({
  events: z.array(z.looseObject({ operation: z.string(), outcome: z.string() })),
  nextCursor: z.string().optional(),
});

const eventsOf = async (query: Record<string, unknown>) => {
  const { body } = await admin('list_audit_events', query);
  return Events.parse(body).events;
};

async function keyOf(role: string): Promise<{ id: string; key: string }> {
  const { body } = await admin('create_api_key', { name: `of a ${role}`, role });
  return z.object({ id: z.string(), key: z.string() }).parse(body);
}

const registration = (name: string) => ({
  name,
  version: '1.0.0',
  transport: 'rest',
  url: 'http://127.0.0.1:9',
});

function documents(): DynamoDBDocumentClient {
  const { accessKeyId = 'local', secretAccessKey = 'local', dynamodb } = system.endpoints;
  return DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint: dynamodb,
      region: 'us-east-1',
      credentials: { accessKeyId, secretAccessKey },
    }),
  );
}

const table = { TableName: 'orchestrator-audit' };

describe.each(doors)('over $door', ({ open, door }) => {
  it('what was asked for is recorded with its caller, surface, target, reason and end', async () => {
    const name = `kept-${door.toLowerCase()}`;
    const as = open({ ...system.endpoints, adminKey });
    expect((await as('register_service', registration(name))).code).toBeUndefined();
    expect(await as('register_service', { ...registration(name), version: 'first' })).toMatchObject({
      code: 'request.invalid',
    });
    expect(await as('stop_service', { service: name, reason: 'Closed on Sundays' })).toMatchObject({
      code: expect.any(String),
    });
    const [stop, again, first] = await eventsOf({ service: name });
    expect(first).toMatchObject({
      kind: 'operation',
      caller: 'admin',
      role: 'admin',
      surface: door,
      operation: 'register_service',
      service: name,
      outcome: 'done',
      asked: { name, version: '1.0.0', url: 'http://127.0.0.1:9' },
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      endedAt: expect.any(String),
    });
    expect(again).toMatchObject({ operation: 'register_service', outcome: 'request.invalid' });
    expect(stop).toMatchObject({ operation: 'stop_service', reason: 'Closed on Sundays' });
    expect(stop?.outcome).not.toBe('done');
  });

  it('what a caller may not do is recorded, of what only reads too', async () => {
    const { id, key } = await keyOf('viewer');
    const viewer = open({ ...system.endpoints, adminKey: key });
    for (const operation of ['stop_all', 'list_api_keys', 'list_audit_events'])
      expect(await viewer(operation)).toMatchObject({ code: 'access.denied' });
    expect((await viewer('list_services')).code).toBeUndefined();
    const denied = await eventsOf({ caller: `key:${id}` });
    expect(
      denied.map(({ operation, outcome, role, surface }) => [operation, outcome, role, surface]),
    ).toEqual([
      ['list_audit_events', 'access.denied', 'viewer', door],
      ['list_api_keys', 'access.denied', 'viewer', door],
      ['stop_all', 'access.denied', 'viewer', door],
    ]);
  });
});

it('finds records by operation, outcome and time, page after page and each once', async () => {
  for (const number of [1, 2, 3]) await admin('register_service', registration(`paged-${number}`));
  const query = { operation: 'register_service', outcome: 'done', limit: 1 };
  const seen: unknown[] = [];
  let cursor: string | undefined;
  do {
    const { body } = await admin('list_audit_events', { ...query, ...(cursor && { cursor }) });
    const page = Events.parse(body);
    seen.push(...page.events.map(({ service }) => service));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  expect(seen.slice(0, 3)).toEqual(['paged-3', 'paged-2', 'paged-1']);
  expect(new Set(seen).size).toBe(seen.length);
  expect(await eventsOf({ to: '2026-01-01', from: '2025-12-01' })).toEqual([]);
  expect(await admin('list_audit_events', { from: '2026-02-01', to: '2026-01-01' })).toMatchObject({
    code: 'request.invalid',
    body: { errors: [{ path: 'from' }] },
  });
  expect(await admin('list_audit_events', { cursor: 'never' })).toMatchObject({ code: 'request.invalid' });
});

it('who proves nobody, and who signs in, is recorded', async () => {
  const get = (authorization: string) =>
    rest(system.endpoints, ['GET', '/v1/services?token=hidden'], { headers: { authorization } });
  expect((await get(`Bearer ${marked}`)).status).toBe(401);
  await vi.waitFor(async () =>
    expect(await eventsOf({ outcome: 'access.unauthenticated' })).toMatchObject([
      { kind: 'refusal', surface: 'door', operation: 'GET /v1/services', address: '127.0.0.1' },
    ]),
  );
  await admin('create_user', { name: 'ann', password: marked, role: 'viewer' });
  const authorization = `Basic ${Buffer.from(`ann:${marked}`).toString('base64')}`;
  const signed = await rest(system.endpoints, ['POST', '/v1/auth/token'], {
    headers: { authorization },
    body: {},
  });
  expect(signed.status).toBe(201);
  expect(await eventsOf({ operation: 'create_token' })).toMatchObject([
    { caller: 'user:ann', by: 'password', outcome: 'done' },
  ]);
});

it('starts of executions keep a trail of their own, and leave no record here', async () => {
  await admin('define_workflow', { name: 'asks', steps: [{ id: 'ok', approval: { message: 'Go?' } }] });
  const id = workflowIdOf(await admin('start_workflow', { workflow: 'asks', input: {} }));
  await awaitStatus(admin, id, ({ steps: [step] }) => step?.approval !== undefined);
  await admin('approve_step', { workflowId: id, step: 'ok', comment: 'Fine' });
  expect(await eventsOf({ execution: id })).toMatchObject([
    { operation: 'approve_step', outcome: 'done', reason: 'Fine' },
  ]);
  expect(await eventsOf({ operation: 'start_workflow' })).toEqual([]);
});

it('a record that is gone shows by the number of its writer', async () => {
  for (const name of ['gone-1', 'gone-2', 'gone-3']) await admin('register_service', registration(name));
  const [gone] = await eventsOf({ service: 'gone-2' });
  const { at, writer, sequence } = z
    .object({ at: z.string(), writer: z.string(), sequence: z.number() })
    .parse(gone);
  const day = at.slice(0, 10);
  const missing = async () => (await admin('list_audit_events', { missingOn: day })).body;
  expect(await missing()).toMatchObject({ missing: [], missingWhole: true });
  const client = documents();
  const sk = `${at}#${writer}#${String(sequence).padStart(9, '0')}`;
  await client.send(new DeleteCommand({ ...table, Key: { pk: `DAY#${day}`, sk } }));
  client.destroy();
  expect(await missing()).toMatchObject({ missing: [{ writer, from: sequence, to: sequence }] });
});

it('has neither payloads nor secrets, wherever they are in what was asked', async () => {
  const url = `https://user:${marked}@hooks.example.com/services/${marked}?key=${marked}`;
  const steps = [{ id: 'one', call: { service: 'hidden', request: { path: `/${marked}` } } }];
  const asked: [string, object][] = [
    ['register_service', { ...registration('hidden'), url }],
    [
      'register_service',
      { ...registration('driven'), driver: { kind: 'process', settings: { env: { A: marked } } } },
    ],
    ['create_webhook', { url, secret: marked }],
    ['create_user', { name: 'bob', password: marked, role: 'viewer' }],
    ['set_password', { name: 'bob', password: marked }],
    ['define_workflow', { name: 'hides', steps }],
    ['rerun_workflow', { workflowId: 'none', input: { deep: [marked] } }],
    ['apply_manifest', { manifest: { services: { x: { url } } }, variables: { A: marked } }],
    ['apply_manifest', { yaml: `services: {a: ${marked}}` }],
    ['scale_service', { service: 'hidden', instances: 1, reason: `password=${marked}` }],
    ['start_service', { service: { token: marked } }],
  ];
  for (const [operation, input] of asked) await admin(operation, { ...input });
  const client = documents();
  const { Items = [] } = await client.send(new ScanCommand(table));
  client.destroy();
  expect(Items.length).toBeGreaterThan(asked.length);
  expect(Items.filter((item) => JSON.stringify(item).includes(marked))).toEqual([]);
  const day = 86_400;
  for (const { at, expiresAtEpochSeconds: expires } of Items)
    expect(Number(expires) - Math.floor(Date.parse(String(at)) / 1000)).toBe(365 * day);
});
