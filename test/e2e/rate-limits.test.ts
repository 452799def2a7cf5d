/** How often a caller may use operations: each for itself, by class, over every surface. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Authorize } from '../../local/authorization.ts';
import { doors, rest } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

/** In place of a key each caller sends its name. */
const byName: Authorize = async ({ headers }) => ({
  principalId: headers['authorization']?.replace('Bearer ', ''),
  role: 'admin',
});

let system: TestSystem;

beforeAll(async () => {
  const rateLimits = { reads: 3, destructive: 1 };
  system = await startTestSystem({ adminKey: 'k'.repeat(32), authorize: byName, rateLimits });
}, 60_000);

afterAll(() => system?.close());

it.each(doors)(
  'over $door a caller that has used its reads is told when to come again',
  async ({ open, door }) => {
    const as = (name: string) => open({ ...system.endpoints, adminKey: `${name}-${door}` });
    for (const operation of ['list_services', 'list_webhooks', 'get_service'])
      expect((await as('ann')(operation, { name: 'none' })).code).not.toBe('request.throttled');
    expect(await as('ann')('list_services')).toMatchObject({
      code: 'request.throttled',
      body: {
        status: 429,
        limit: 'reads',
        perMinute: 3,
        detail: expect.stringMatching(
          /^The limit reads is reached, 3 a minute for each caller: try again in \d+ s$/,
        ),
      },
    });
    expect(await as('bob')('list_services')).toMatchObject({ code: undefined });
    const pause = { name: 'pause', steps: [{ id: 'pause', wait: { seconds: 0 } }] };
    for (let turn = 0; turn < 5; turn += 1)
      expect(await as('ann')('define_workflow', pause)).toMatchObject({ code: undefined });
    expect(await as('ann')('stop_all', { dryRun: true })).toMatchObject({ code: undefined });
    expect(await as('ann')('stop_all', { dryRun: true })).toMatchObject({ body: { limit: 'destructive' } });
  },
);

it('says so by Retry-After, on the registry as an MCP registry too', async () => {
  const headers = { authorization: 'Bearer eve' };
  for (const path of ['/v1/services', '/v0.1/servers', '/v1/webhooks'])
    expect((await rest(system.endpoints, ['GET', path], { headers })).status).toBe(200);
  for (const path of ['/v1/services', '/v0.1/servers']) {
    const answer = await rest(system.endpoints, ['GET', path], { headers });
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toMatch(/^([1-9]|1\d|20)$/);
  }
});
