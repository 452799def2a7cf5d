/** Who subscribes to events is told of them, as signed CloudEvents, and of nothing else. */
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Door, mcpDoor, rest, restDoor } from '../system/clients.ts';
import { type EventReceiver, startEventReceiver } from '../system/event-receiver.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

const configuredSecret = `whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}`;
const Created = z.object({ id: z.string(), secret: z.string().optional() });
const Started = z.object({ workflowId: z.string() });

/** Paths at which nobody wants to know any more. */
const gone = new Set<string>();

let system: TestSystem;
let receiver: EventReceiver;
let worker: ScriptedService;
let door: Door;

const stepOf = (path: string) => ({
  id: 'work',
  call: { service: 'worker', request: { method: 'GET', path } },
});

beforeAll(async () => {
  receiver = await startEventReceiver((_event, path) => ({ status: gone.has(path) ? 410 : 204 }));
  worker = await startScriptedService(({ path }, response) =>
    path === '/fails'
      ? json(response, { detail: 'marked-answer' }, 400)
      : json(response, { text: 'marked-answer' }),
  );
  system = await startTestSystem({
    webhooks: { secret: configuredSecret, monitoringUrl: `${receiver.url}/everything` },
  });
  door = restDoor(system.endpoints);
  await door('register_service', { name: 'worker', transport: 'rest', url: worker.url });
  for (const [name, path] of [
    ['works', '/works'],
    ['fails', '/fails'],
  ] as const)
    expect(await door('define_workflow', { name, steps: [stepOf(path)] })).toMatchObject({ code: undefined });
}, 60_000);

afterAll(async () => {
  await system.close();
  await worker.close();
  await receiver.close();
});

const subscribe = async (asked: object) => {
  const { code, body } = await door('create_webhook', { ...asked });
  expect(code, JSON.stringify(body)).toBeUndefined();
  return Created.parse(body);
};

/** The execution that has ended. */
async function run(workflow: string): Promise<string> {
  const { body } = await door('call_workflow', { workflow, input: { key: 'marked-input' } });
  return Started.parse(body).workflowId;
}

const subjects = (path: string) => receiver.taken(path).map(({ subject }) => subject);

describe('a subscription', () => {
  it('is told of the end of an execution, by a request that its secret has signed', async () => {
    const { secret = '' } = await subscribe({ url: `${receiver.url}/one` });
    const workflowId = await run('works');
    await expect.poll(() => subjects('/one')).toEqual([`execution/${workflowId}`]);
    const request = receiver.requests.find(({ path }) => path === '/one');
    if (!request) throw new Error('nothing came');
    const { event, headers, text } = request;
    const { body } = await door('get_workflow_status', { workflowId });
    expect(event).toEqual({
      specversion: '1.0',
      id: expect.stringMatching(/^evt_[0-9a-f]{32}$/),
      source: '/orchestrator/local',
      type: 'execution.ended',
      subject: `execution/${workflowId}`,
      time: body['closedAt'],
      sequence: String(Date.parse(String(body['closedAt']))).padStart(15, '0'),
      datacontenttype: 'application/json',
      audience: `${receiver.url}/one`,
      data: {
        executionId: workflowId,
        workflow: 'works',
        version: 1,
        status: 'SUCCEEDED',
        startedAt: body['startedAt'],
        endedAt: body['closedAt'],
        retries: 0,
      },
    });
    expect(headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
    expect(headers['webhook-id']).toBe(event.id);
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const signed = `${event.id}.${headers['webhook-timestamp']}.${text}`;
    expect(headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', key).update(signed).digest('base64')}`,
    );
  });

  it('says why one has failed by its code, without anything that the service or the caller said', async () => {
    await subscribe({ url: `${receiver.url}/failed` });
    const workflowId = await run('fails');
    await expect.poll(() => subjects('/failed')).toEqual([`execution/${workflowId}`]);
    const request = receiver.requests.find(({ path }) => path === '/failed');
    expect(request?.event.data).toMatchObject({
      status: 'FAILED',
      errorCode: 'service.rejected',
      failedStep: 'work',
    });
    expect(request?.text).not.toContain('marked');
  });

  it('is told of the types, workflows and services that it names, and of nothing else', async () => {
    await subscribe({ url: `${receiver.url}/of-works`, workflows: ['works'] });
    await subscribe({ url: `${receiver.url}/of-changes`, types: ['change.ended', 'change.failed'] });
    await subscribe({ url: `${receiver.url}/of-worker`, services: ['worker'] });
    await subscribe({ url: `${receiver.url}/of-all` });
    await run('fails');
    const wanted = await run('works');
    await expect.poll(() => subjects('/of-works')).toEqual([`execution/${wanted}`]);
    await expect.poll(() => subjects('/of-all').length).toBe(2);
    expect(subjects('/of-changes')).toEqual([]);
    expect(subjects('/of-worker').filter((subject) => subject.startsWith('execution/'))).toEqual([]);
  });

  it('is told of what happens after it was created, and of nothing after it was deleted', async () => {
    const before = await run('works');
    const { id } = await subscribe({ url: `${receiver.url}/for-a-while` });
    const during = await run('works');
    await expect.poll(() => subjects('/for-a-while')).toEqual([`execution/${during}`]);
    await door('delete_webhook', { webhookId: id });
    const after = await run('works');
    await expect.poll(() => subjects('/everything')).toContain(`execution/${after}`);
    expect(subjects('/for-a-while')).toEqual([`execution/${during}`]);
    expect(subjects('/for-a-while')).not.toContain(`execution/${before}`);
    expect(await door('get_webhook', { webhookId: id })).toMatchObject({ code: 'webhook.not-found' });
  });

  it('is told of the end of each try', async () => {
    await subscribe({ url: `${receiver.url}/tries`, workflows: ['fails'] });
    const workflowId = await run('fails');
    await door('retry_workflow', { workflowId });
    await expect
      .poll(() => receiver.taken('/tries').map(({ data }) => data['retries']), { timeout: 10_000 })
      .toEqual([0, 1]);
    expect(new Set(receiver.taken('/tries').map(({ id }) => id)).size).toBe(2);
    const [first, second] = receiver.taken('/tries').map(({ sequence }) => sequence);
    expect(first && second && first < second).toBe(true);
  });
});

it('SERVICE_MONITORING_URL is told of everything, signed with the secret of the environment', async () => {
  const workflowId = await run('works');
  await expect.poll(() => subjects('/everything')).toContain(`execution/${workflowId}`);
  const request = receiver.requests.find(({ event }) => event.subject === `execution/${workflowId}`);
  if (!request) throw new Error('nothing came');
  const key = Buffer.from(configuredSecret.slice('whsec_'.length), 'base64');
  const signed = `${request.event.id}.${request.headers['webhook-timestamp']}.${request.text}`;
  expect(request.headers['webhook-signature']).toBe(
    `v1,${createHmac('sha256', key).update(signed).digest('base64')}`,
  );
  const listed = await door('list_webhooks');
  expect(listed.body['webhooks']).toContainEqual({
    id: 'monitoring-url',
    url: `${receiver.url}/everything`,
    configured: true,
  });
  expect(await door('delete_webhook', { webhookId: 'monitoring-url' })).toMatchObject({
    code: 'webhook.configured',
  });
});

describe.each([
  ['REST', restDoor],
  ['MCP', mcpDoor],
])('over %s', (_name, doorTo) => {
  it('a secret is shown once where it was made, never where it was given, and in no list, resource or log', async () => {
    const open = doorTo(system.endpoints);
    const given = `whsec_${Buffer.from(`given over ${_name} and secret`.padEnd(32)).toString('base64')}`;
    const { body: withGiven } = await open('create_webhook', { url: `${receiver.url}/given`, secret: given });
    const { body: withMade } = await open('create_webhook', { url: `${receiver.url}/made` });
    const made = z.object({ id: z.string(), secret: z.string().startsWith('whsec_') }).parse(withMade);
    const shown = [
      withGiven,
      await open('list_webhooks'),
      await open('get_webhook', { webhookId: made.id }),
      await open('enable_webhook', { webhookId: made.id }),
      await open('list_undelivered_events', { webhookId: made.id }),
      await readFile(`${system.dataDir}/log`, 'utf8'),
    ];
    const text = JSON.stringify(shown);
    expect(text).toContain(made.id);
    expect(text).not.toContain(made.secret.slice('whsec_'.length));
    expect(text).not.toContain(given.slice('whsec_'.length));
    await open('delete_webhook', { webhookId: made.id });
    await open('delete_webhook', { webhookId: String(withGiven['id']) });
  });
});

const Undelivered = z.object({
  events: z.array(
    z.object({
      event: z.object({ id: z.string(), subject: z.string() }),
      attempts: z.number(),
      lastFailure: z.string(),
      keptUntil: z.string(),
    }),
  ),
});

describe.each([
  ['REST', restDoor],
  ['MCP', mcpDoor],
])('over %s', (name, doorTo) => {
  it('what was given up is listed with its failure, and sent again once the webhook is enabled', async () => {
    const open = doorTo(system.endpoints);
    const path = `/gone-${name}`;
    gone.add(path);
    const { body } = await open('create_webhook', { url: `${receiver.url}${path}`, workflows: ['works'] });
    const { id: webhookId } = Created.parse(body);
    const first = await run('works');
    const shown = async () => (await open('get_webhook', { webhookId })).body['disabled'];
    await expect.poll(shown).toMatchObject({ why: 'answered 410' });
    await run('works');
    const listed = Undelivered.parse((await open('list_undelivered_events', { webhookId })).body).events;
    expect(listed).toMatchObject([
      { event: { subject: `execution/${first}` }, attempts: 1, lastFailure: 'answered 410' },
    ]);
    const keptMs = Date.parse(listed[0]?.keptUntil ?? '') - Date.now();
    expect(Math.round(keptMs / 86_400_000)).toBe(14);
    expect((await open('resend_events', { webhookId })).code).toBe('webhook.disabled');
    gone.delete(path);
    expect((await open('enable_webhook', { webhookId })).body).not.toHaveProperty('disabled');
    const eventId = listed[0]?.event.id ?? '';
    const resent = await open('resend_events', { webhookId, eventIds: [eventId] });
    expect(resent.body).toEqual({ resent: [eventId], more: false });
    await expect.poll(() => receiver.taken(path).map(({ id }) => id)).toEqual([eventId]);
    const left = await open('list_undelivered_events', { webhookId });
    expect(left.body).toEqual({ events: [] });
    await open('delete_webhook', { webhookId });
  });
});

describe('a url that leads where nothing is called', () => {
  it.each([
    ['the metadata service of clouds', 'http://169.254.169.254/latest/meta-data'],
    ['a private network', 'https://10.1.2.3/hook'],
    ['a number that is an address', 'http://2852039166/'],
    ['an IPv4 address inside an IPv6 one', 'http://[::ffff:10.1.2.3]/'],
    ['this machine under another address', 'http://0.0.0.0:9/'],
  ])('is refused: %s', async (_what, url) => {
    const { status, body } = await rest(system.endpoints, ['POST', '/v1/webhooks'], { body: { url } });
    expect(status).toBe(400);
    expect(body['errors']).toEqual([
      { path: 'url', message: expect.stringContaining('which is not called') },
    ]);
  });

  it.each([
    ['no http', 'ftp://example.org/'],
    ['with credentials', 'https://user:password@example.org/'],
    ['no url', 'somewhere'],
  ])('is refused: %s', async (_what, url) => {
    expect(await door('create_webhook', { url })).toMatchObject({
      code: 'request.invalid',
      body: { errors: [{ path: 'url' }] },
    });
  });
});

it('a type of events that does not exist is refused, and its path named', async () => {
  const asked = { url: receiver.url, types: ['execution.ended', 'execution.begun'] };
  expect(await door('create_webhook', asked)).toMatchObject({
    code: 'request.invalid',
    body: { errors: [{ path: 'types[1]' }] },
  });
});
