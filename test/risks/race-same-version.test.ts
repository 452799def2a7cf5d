/** Risk: registrations of one version that come at the same moment lose one another, or write it many times. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { restDoor } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem();
}, 60_000);

afterAll(() => system.close());

const service = { version: '1.0.0', transport: 'rest', url: 'http://127.0.0.1:9' };

it.each([
  ['needs nothing', 'free', []],
  ['needs another service', 'bound', [{ service: 'needed' }]],
])(
  '100 registrations of the same version of a service that %s end as one',
  async (_what, name, dependencies) => {
    const door = restDoor(system.endpoints);
    await door('register_service', { ...service, name: 'needed' });
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => door('register_service', { ...service, name, dependencies })),
    );
    expect(new Set(answers.map(({ code }) => code))).toEqual(new Set([undefined]));
    expect(answers.filter(({ body }) => body['created'])).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => body['revision'])).size).toBe(1);
    expect((await door('list_service_versions', { name })).body['versions']).toHaveLength(1);
  },
  60_000,
);
