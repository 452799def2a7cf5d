/** How wrong passwords are counted, in the access table, with a clock of the test. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createSignedRecords } from '../../../src/access/signed-records.ts';
import { accessRecordsOf } from '../../../src/access/store/access-records.ts';
import { createUserStore } from '../../../src/access/store/user-store.ts';
import { passwordAuthenticator } from '../../../src/access/users.ts';
import { sdkDocuments } from '../../../src/aws/sdk-documents.ts';
import { Table } from '../../../src/aws/table.ts';
import { sha256 } from '../../../src/runtime/clock-and-ids.ts';
import { startTestSystem, type TestSystem } from '../../system/local-system.ts';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
let system: TestSystem;
let table: Table;
let user: string;
let number = 0;

beforeAll(async () => {
  system = await startTestSystem();
  table = new Table(
    sdkDocuments({ endpoint: system.endpoints.dynamodb, region: 'us-east-1', credentials }),
    'orchestrator-access',
  );
}, 60_000);

afterAll(() => system?.close());

beforeEach(async () => {
  number += 1;
  user = `user-${number}`;
  const now = '2026-01-01T00:00:00.000Z';
  await createUserStore(table).create(
    { name: user, role: 'viewer', createdAt: now, createdBy: 'test', passwordSetAt: now },
    { salt: 'salt', passwordHash: 'right' },
  );
});

const recordsOf = {
  sdk: () => accessRecordsOf(table),
  'one signed request': () =>
    createSignedRecords({
      table: 'orchestrator-access',
      region: 'us-east-1',
      endpoint: system.endpoints.dynamodb,
      credentials,
    }),
};

/** Whether somebody gets in with a password, from an address, at a second. */
function door(over: keyof typeof recordsOf) {
  let nowMs = 0;
  const authenticate = passwordAuthenticator({
    records: recordsOf[over](),
    clock: { now: () => Date.parse('2026-06-01T00:00:00Z') + nowMs },
    hash: sha256,
    keptMs: 0,
    isPassword: async (text, kept) => text === kept?.passwordHash,
  });
  return async (seconds: number, password: string, address = `10.0.0.${number}`, name = user) => {
    nowMs = seconds * 1000;
    const header = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
    return (await authenticate(header, address)) !== undefined;
  };
}

it.each(['sdk', 'one signed request'] as const)(
  'by %s: five are free, then one has to wait 10 s, and twice as long after each further one',
  async (over) => {
    const tries = door(over);
    for (let turn = 0; turn < 5; turn += 1) expect(await tries(0, 'wrong')).toBe(false);
    expect(await tries(9, 'right')).toBe(false);
    expect(await tries(10, 'wrong')).toBe(false);
    expect(await tries(29, 'right')).toBe(false);
    expect(await tries(30, 'right')).toBe(true);
    for (let turn = 0; turn < 4; turn += 1) expect(await tries(31, 'wrong')).toBe(false);
    expect(await tries(31, 'right')).toBe(true);
  },
);

it('nobody is locked out by somebody else, from another address', async () => {
  const tries = door('sdk');
  for (let turn = 0; turn < 6; turn += 1) await tries(0, 'wrong', '192.0.2.7');
  expect(await tries(0, 'right', '192.0.2.7')).toBe(false);
  expect(await tries(0, 'right', '192.0.2.8')).toBe(true);
});

it('a guess from many addresses has to wait after fifty', async () => {
  const tries = door('sdk');
  for (let turn = 0; turn < 50; turn += 1) await tries(0, 'wrong', `198.51.100.${turn}`);
  expect(await tries(9, 'right', '198.51.100.200')).toBe(false);
  expect(await tries(10, 'right', '198.51.100.200')).toBe(true);
});

it('one address that tries many users has to wait after thirty', async () => {
  const tries = door('sdk');
  for (let turn = 0; turn < 30; turn += 1) await tries(0, 'wrong', '203.0.113.9', `nobody-${turn}`);
  expect(await tries(9, 'right', '203.0.113.9')).toBe(false);
  expect(await tries(10, 'right', '203.0.113.9')).toBe(true);
});

it('an hour later all is forgotten', async () => {
  const tries = door('sdk');
  for (let turn = 0; turn < 30; turn += 1) await tries(turn * 900, 'wrong');
  expect(await tries(29 * 900 + 899, 'right')).toBe(false);
  expect(await tries(29 * 900 + 3600, 'right')).toBe(true);
});
