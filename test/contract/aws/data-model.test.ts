/** docs/data-model.md against a system in use: every item has a documented key and size, and every documented one is. */
import { readFile } from 'node:fs/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { awaitStatus, type Door, restDoor, runToEnd, workflowIdOf } from '../../system/clients.ts';
import { startTestSystem, type TestSystem } from '../../system/local-system.ts';
import { startScriptedMcp } from '../../system/scripted-mcp.ts';
import { json, type ScriptedService, startScriptedService } from '../../system/scripted-service.ts';
import { secret } from '../lifecycle/webhook-receiver.ts';

interface DocumentedItem {
  readonly table: string;
  readonly pk: string;
  readonly sk: string;
  readonly bytes: number;
}

let system: TestSystem;
let service: ScriptedService;
let tools: ScriptedService;
let carriers: ScriptedService;
let listeners: ScriptedService;
let documents: DynamoDBDocumentClient;
let documented: DocumentedItem[];

beforeAll(async () => {
  documented = documentedItems(await readFile('docs/data-model.md', 'utf8'));
  service = await startScriptedService(({ path }, response) =>
    json(response, path === '/large' ? { text: incompressible(60_000) } : { path }),
  );
  tools = await startScriptedMcp(['track_parcel', 'cancel_parcel'], () => ({}));
  carriers = await startScriptedService((_seen, response) =>
    json(response, { state: 'RUNNING', url: service.url, ref: 'vm-7f9c4' }),
  );
  // One that is full, and one that wants to know no more.
  listeners = await startScriptedService(({ path }, response) =>
    json(response, {}, path === '/gone' ? 410 : 507),
  );
  system = await startTestSystem({ webhooks: { url: carriers.url, secret } });
  const client = new DynamoDBClient({
    endpoint: system.endpoints.dynamodb,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  documents = DynamoDBDocumentClient.from(client);
  await listen(restDoor(system.endpoints), listeners.url);
  await use(restDoor(system.endpoints), { rest: service.url, mcp: tools.url });
}, 60_000);

afterAll(async () => {
  documents.destroy();
  await system.close();
  await service.close();
  await tools.close();
  await carriers.close();
  await listeners.close();
});

/** Rows such as `| registry | ``SERVICE#<name>`` | ``HEAD`` | what | 1,200 |`. */
function documentedItems(text: string): DocumentedItem[] {
  const row =
    /^\| (registry|instances|executions|telemetry|access|audit) \| `([^`]+)` \| `([^`]+)` \|.*\| ([\d,]+) \|$/gm;
  return [...text.matchAll(row)].map(([, table = '', pk = '', sk = '', bytes = '']) => ({
    table,
    pk,
    sk,
    bytes: Number(bytes.replaceAll(',', '')),
  }));
}

/** Text that is the same each time, and about as large when it is compressed. */
function incompressible(length: number): string {
  let seed = 1;
  return Array.from({ length }, () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return String.fromCharCode(97 + (seed % 26));
  }).join('');
}

/** Whatever ends is told to these, and never taken. */
async function listen(door: Door, url: string): Promise<void> {
  for (const path of ['/full', '/gone'])
    await door('create_webhook', {
      url: `${url}${path}`,
      workflows: ['send', 'ask'],
      description: 'For those on call',
    });
  await door('create_webhook', { url: `${url}/full`, types: ['service.health-changed'] });
}

/** What docs/data-model.md takes as typical. */
async function use(door: Door, { rest: url, mcp }: { rest: string; mcp: string }): Promise<void> {
  const registration = {
    name: 'parcels',
    version: '1.4.0',
    transport: 'rest',
    url,
    description: 'Sends parcels, and says where they are',
    tags: ['shipping', 'tracking'],
    owner: 'logistics',
    labels: { tier: 'gold' },
    healthCheck: { kind: 'http' },
  };
  await door('register_service', { ...registration, name: 'addresses', tags: [] });
  await door('register_service', { ...registration, dependencies: [{ service: 'addresses' }] });
  await door('register_instance', { service: 'parcels', id: 'parcels-7f9c4', url, labels: { zone: 'a' } });
  await startCarriers(door, registration);
  await door('register_service', { name: 'tracker', version: '1.0.0', transport: 'mcp', url: mcp });
  await door('apply_manifest', { manifest: { services: { declared: { transport: 'rest', url } } } });
  const call = (id: string, path: string) => ({
    id,
    call: { service: 'parcels', request: { method: 'POST', path, body: '{% $input %}' } },
  });
  const steps = [call('label', '/label'), call('pay', '/pay'), call('large', '/large')];
  await door('define_workflow', { name: 'send', steps, output: '{% [1..20000].("text" & $string($)) %}' });
  await door('define_workflow', { name: 'ask', steps: [{ id: 'ok', approval: { message: 'Send it?' } }] });
  expect(await runToEnd(door, 'send', { parcel: 'p-1', to: 'Main Street 1' })).toMatchObject({
    status: 'SUCCEEDED',
  });
  const givenUp = async (): Promise<string> => {
    const { body } = await door('list_webhooks');
    return JSON.stringify(body);
  };
  await vi.waitFor(async () => expect(await givenUp()).toContain('answered 410'), { timeout: 10_000 });
  await vi.waitFor(
    async () => {
      const { body } = await door('get_service_health', { service: 'tracker' });
      expect(body['health']).toBe('HEALTHY');
    },
    { timeout: 10_000 },
  );
  const { body: made } = await door('create_api_key', {
    name: 'ci of the parcels',
    role: 'operator',
    expiresInDays: 90,
  });
  await door('rotate_api_key', { keyId: made['id'] });
  await door('put_role', {
    name: 'parcel-clerk',
    operations: ['list_*', 'get_*', 'start_workflow'],
    description: 'Sends parcels',
  });
  await door('create_user', { name: 'ann@example.org', password: 'seven green bottles', role: 'viewer' });
  // Writes what was counted.
  await door('get_workflow_metrics', { name: 'send' });
  const asking = workflowIdOf(await door('start_workflow', { workflow: 'ask' }));
  await awaitStatus(door, asking, ({ steps: [step] }) => step?.approval !== undefined);
}

/** Instances that somebody else starts: two, of which one came by a change that has ended. */
async function startCarriers(
  door: Door,
  { url: _theirs, ...registration }: object & { url: string },
): Promise<void> {
  const driver = { kind: 'webhook', settings: { parameters: { size: 'small' } } };
  const scaling = { minInstances: 1, maxInstances: 4, target: { inFlightPerInstance: 8 } };
  await door('register_service', { ...registration, name: 'carriers', tags: [], driver, scaling });
  const scale = { service: 'carriers', instances: 2, reason: 'Black Friday' };
  await vi.waitFor(async () => expect((await door('scale_service', scale)).code).toBeUndefined());
  await vi.waitFor(
    async () => {
      const { body } = await door('list_changes');
      expect(body['changes']).toMatchObject([{ status: 'SUCCEEDED' }]);
    },
    { timeout: 30_000 },
  );
  const Changes = z.object({ changes: z.array(z.object({ changeId: z.string() })) });
  const { changes } = Changes.parse((await door('list_changes')).body);
  const cancel = { changeId: changes[0]?.changeId, idempotencyKey: 'not-on-friday' };
  expect((await door('cancel_change', cancel)).code).toBe('change.closed');
}

async function itemsOf(table: string): Promise<Record<string, unknown>[]> {
  const { Items = [] } = await documents.send(new ScanCommand({ TableName: `orchestrator-${table}` }));
  return Items;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
function bytesOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return Math.ceil(String(value).length / 2) + 1;
  if (value instanceof Uint8Array) return value.length;
  if (Array.isArray(value)) return 3 + value.reduce((sum, item) => sum + 1 + bytesOf(item), 0);
  if (typeof value !== 'object' || value === null) return 1;
  return 3 + Object.entries(value).reduce((sum, entry) => sum + 1 + attributeBytes(entry), 0);
}

const attributeBytes = ([name, value]: [string, unknown]): number => Buffer.byteLength(name) + bytesOf(value);
const itemBytes = (item: Record<string, unknown>): number =>
  Object.entries(item).reduce((sum, entry) => sum + attributeBytes(entry), 0);

const isOfForm = (form: string, key: unknown): boolean =>
  new RegExp(`^${form.replaceAll(/<[^>]+>/g, '.+')}$`).test(String(key));

it.each(['registry', 'instances', 'executions', 'telemetry', 'access', 'audit'])(
  'every item of the %s table is documented, with its size',
  async (table) => {
    const items = await itemsOf(table);
    const forms = documented.filter((form) => form.table === table);
    const sizes = new Map<DocumentedItem, number>();
    for (const item of items) {
      const form = forms.find(({ pk, sk }) => isOfForm(pk, item['pk']) && isOfForm(sk, item['sk']));
      expect(form, `${item['pk']} ${item['sk']}`).toBeDefined();
      if (form) sizes.set(form, Math.max(sizes.get(form) ?? 0, itemBytes(item)));
    }
    const unseen = forms
      .filter((form) => !sizes.has(form) && form.sk !== 'POSITION')
      .map(({ pk, sk }) => `${pk} ${sk}`);
    expect(unseen).toEqual([]);
    const measured = [...sizes].map(([{ pk, sk, bytes }, size]) => ({ item: `${pk} ${sk}`, bytes, size }));
    expect(measured.filter(({ bytes, size }) => size > bytes)).toEqual([]);
  },
);
