/** Risk: an import takes a name that somebody registers at the same moment. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { type Door, restDoor } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { listed } from '../system/registry-peer.ts';

let system: TestSystem;
let door: Door;

beforeAll(async () => {
  system = await startTestSystem();
  door = restDoor(system.endpoints);
}, 60_000);

afterAll(() => system.close());

const names = Array.from({ length: 30 }, (_, n) => `raced-${n}`);
const Imported = z.object({
  entries: z.array(z.looseObject({ action: z.string(), reason: z.string().optional() })),
});

it('what was registered by hand stays, whoever came first', async () => {
  const servers = names.map((name) => ({ server: listed(`org.example/${name}`).server }));
  const importing = door('import_services', { servers, dryRun: false });
  const registering = names.map((name) =>
    door('register_service', {
      name,
      version: '1.0.0',
      transport: 'mcp',
      url: `https://${name}.by-hand.example.org/mcp`,
    }),
  );
  const { entries } = Imported.parse((await importing).body);
  expect((await Promise.all(registering)).map(({ code }) => code)).toEqual(names.map(() => undefined));
  const urls = await Promise.all(
    names.map(async (name) => (await door('get_service', { name })).body['url']),
  );
  expect(urls).toEqual(names.map((name) => `https://${name}.by-hand.example.org/mcp`));
  for (const { action, reason = '' } of entries)
    if (action !== 'register')
      expect([action, reason]).toEqual([
        expect.stringMatching(/^(conflict|failed)$/),
        expect.stringContaining('was not imported'),
      ]);
});

it('two imports of the same servers at the same moment make each of them once', async () => {
  const servers = names.map((name) => ({ server: listed(`org.example/twice-${name}`).server }));
  await Promise.all([1, 2, 3].map(() => door('import_services', { servers, dryRun: false })));
  const { body } = await door('import_services', { servers });
  expect(body['counts']).toMatchObject({ unchanged: 30, register: 0, conflict: 0 });
});
