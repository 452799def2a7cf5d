/** How long the authorizer on AWS keeps the record of a key, by signed requests and with a clock of the test. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { apiKeyAuthenticator } from '../../../src/access/api-keys.ts';
import { saltedHash } from '../../../src/access/model/key-record.ts';
import { keyTextOf } from '../../../src/access/model/key-text.ts';
import { createSignedRecords } from '../../../src/access/signed-records.ts';
import { createApiKeyStore } from '../../../src/access/store/api-key-store.ts';
import { sdkDocuments } from '../../../src/aws/sdk-documents.ts';
import { Table } from '../../../src/aws/table.ts';
import { sha256 } from '../../../src/runtime/clock-and-ids.ts';
import { newKeyParts } from '../../../src/runtime/new-key-parts.ts';
import { startTestSystem, type TestSystem } from '../../system/local-system.ts';

const connection = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
const start = Date.parse('2026-06-01T12:00:00Z');
let system: TestSystem;
let keys: ReturnType<typeof createApiKeyStore>;
let nowMs = start;
let authenticate: ReturnType<typeof apiKeyAuthenticator>;

beforeAll(async () => {
  system = await startTestSystem();
  const endpoint = system.endpoints.dynamodb;
  keys = createApiKeyStore(new Table(sdkDocuments({ ...connection, endpoint }), 'orchestrator-access'));
  authenticate = apiKeyAuthenticator({
    records: createSignedRecords({ ...connection, endpoint, table: 'orchestrator-access' }),
    hash: sha256,
    clock: { now: () => nowMs },
    keptMs: 25_000,
  });
}, 60_000);

afterAll(() => system?.close());

async function make(expiresAt?: string) {
  const { id, secret, salt } = await newKeyParts();
  const createdAt = new Date(start).toISOString();
  await keys.create(
    { id, name: 'kept', role: 'viewer', createdAt, createdBy: 'test', ...(expiresAt && { expiresAt }) },
    { salt, hash: saltedHash(salt, secret, sha256) },
  );
  return { id, header: `Bearer ${keyTextOf({ id, secret }, sha256)}` };
}

const at = (seconds: number): void => {
  nowMs = start + seconds * 1000;
};

it('a key that is revoked is refused within 25 seconds', async () => {
  at(0);
  const { id, header } = await make();
  expect(await authenticate(header)).toEqual({ id: `key:${id}`, role: 'viewer', by: 'key' });
  await keys.revoke(id, { revokedAt: new Date(start).toISOString(), revokedBy: 'test' });
  at(24.9);
  expect(await authenticate(header)).toBeDefined();
  at(25);
  expect(await authenticate(header)).toBeUndefined();
});

it('a key is refused from its last moment on, however long its record is kept', async () => {
  at(100);
  const { header } = await make(new Date(start + 110_000).toISOString());
  expect(await authenticate(header)).toBeDefined();
  at(109.9);
  expect(await authenticate(header)).toBeDefined();
  at(110);
  expect(await authenticate(header)).toBeUndefined();
});

it('its use is noted at most once an hour', async () => {
  at(1_000);
  const { id, header } = await make();
  const noted = async () => (await keys.get(id))?.lastUsedAt;
  await authenticate(header);
  expect(await noted()).toBe('2026-06-01T12:16:40.000Z');
  at(1_000 + 3_599);
  await authenticate(header);
  expect(await noted()).toBe('2026-06-01T12:16:40.000Z');
  at(1_000 + 3_700);
  await authenticate(header);
  expect(await noted()).toBe('2026-06-01T13:18:20.000Z');
});
