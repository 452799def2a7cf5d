/** Services that hang, are dead, flap, answer wrongly or are nowhere: each is seen as what it is, and delays no other one. */
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { restDoor } from '../system/clients.ts';
import { freePort } from '../system/free-port.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { startScriptedMcp } from '../system/scripted-mcp.ts';
import { json, type Script, startScriptedService } from '../system/scripted-service.ts';

let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem();
}, 60_000);

afterAll(() => system.close());

const door = (operation: string, input: Record<string, unknown>) =>
  restDoor(system.endpoints)(operation, input);

const check = {
  kind: 'http',
  path: '/health',
  intervalSeconds: 5,
  timeoutSeconds: 1,
  graceSeconds: 0,
  failuresBeforeUnhealthy: 1,
  successesBeforeHealthy: 1,
};

async function started(script: Script): Promise<string> {
  const service = await startScriptedService(script);
  onTestFinished(() => service.close());
  return service.url;
}

const register = (name: string, url: string, healthCheck: Record<string, unknown> = check) =>
  door('register_service', { name, version: '1.0.0', transport: 'rest', url, healthCheck });

const Instance = z.object({ health: z.string(), reason: z.string().optional() });
const Health = z.object({ health: z.string(), instances: z.tuple([Instance]) });

const instanceOf = async (service: string) => {
  const health = Health.parse((await door('get_service_health', { service })).body);
  return { ...health.instances[0], service: health.health };
};

const until = (look: () => Promise<void>): Promise<void> =>
  vi.waitFor(look, { timeout: 45_000, interval: 100 });

const never: Script = () => undefined;

it('one that hangs, one that is dead and one whose host is unknown do not answer', {
  tags: ['long'],
}, async () => {
  const port = await freePort();
  const hanging = new URL(await started(never)).host;
  await register('hanging', `http://${hanging}`);
  await register('dead', `http://127.0.0.1:${port}`);
  await register('nowhere', 'http://no-such-host.invalid');
  for (const [service, reason] of [
    ['hanging', `it does not answer: ${hanging}/health did not answer within 1 s`],
    ['dead', `it does not answer: 127.0.0.1:${port}/health refused the connection`],
    ['nowhere', 'it does not answer: no-such-host.invalid/health has a host name that does not resolve'],
  ] as const)
    await until(async () => {
      expect(await instanceOf(service)).toEqual({ service: 'UNHEALTHY', health: 'UNREACHABLE', reason });
    });
});

it('one that answers with another text than its check expects is not healthy', {
  tags: ['long'],
}, async () => {
  const url = await started((_seen, response) => json(response, { status: 'starting' }));
  await register('wrong', url, { ...check, bodyContains: 'ready' });
  const reason = `it fails its checks: ${new URL(url).host}/health answered 200 without the text that its check expects`;
  await until(async () => {
    expect(await instanceOf('wrong')).toEqual({ service: 'UNHEALTHY', health: 'UNHEALTHY', reason });
  });
});

it('a hundred that hang keep no check of another one waiting', {
  tags: ['long'],
  timeout: 90_000,
}, async () => {
  const url = await started(never);
  const slow = { ...check, intervalSeconds: 10, timeoutSeconds: 10 };
  for (let n = 0; n < 100; n += 1) await register(`slow-${n}`, url, slow);
  let checks = 0;
  const well = await started((_seen, response) => {
    checks += 1;
    json(response, {});
  });
  await register('beside', well);
  await until(async () => expect((await instanceOf('beside')).health).toBe('HEALTHY'));
  const before = checks;
  await until(async () => expect(checks).toBeGreaterThan(before + 1));
  for (let n = 0; n < 100; n += 1) await door('deregister_service', { name: `slow-${n}` });
});

it('one that flaps gets no calls after its fourth change, and says so', {
  tags: ['long'],
  timeout: 90_000,
}, async () => {
  let asked = 0;
  const url = await started((_seen, response) => {
    asked += 1;
    response.writeHead(asked % 2 === 1 ? 200 : 503).end();
  });
  const steady = await started((_seen, response) => json(response, {}));
  await register('flapping', url);
  await door('register_instance', { service: 'flapping', id: 'steady', version: '1.0.0', url: steady });
  await until(async () => {
    const { instances } = z
      .object({ instances: z.array(z.looseObject({ id: z.string(), reason: z.string().optional() })) })
      .parse((await door('get_service_health', { service: 'flapping' })).body);
    expect(instances).toContainEqual(
      expect.objectContaining({
        id: `flapping@${new URL(url).host}`,
        health: 'UNHEALTHY',
        reason: expect.stringContaining('its health changed 4 times within 10 minutes'),
      }),
    );
  });
  const { changes } = z
    .object({ changes: z.array(z.looseObject({ quarantined: z.boolean().optional() })) })
    .parse((await door('get_health_history', { service: 'flapping' })).body);
  expect(changes.filter(({ quarantined }) => quarantined === true)).toHaveLength(1);
});

it('one that fails its checks keeps its tools', { tags: ['long'], timeout: 90_000 }, async () => {
  const tools = await startScriptedMcp(['echo'], () => ({}));
  await door('register_service', {
    name: 'tooled',
    version: '1.0.0',
    transport: 'mcp',
    url: tools.url,
    healthCheck: { ...check, kind: 'mcp', path: undefined },
  });
  const names = async () =>
    z
      .object({ tools: z.array(z.object({ name: z.string() })) })
      .parse((await door('list_service_tools', { name: 'tooled' })).body)
      .tools.map(({ name }) => name);
  await until(async () => expect((await instanceOf('tooled')).health).toBe('HEALTHY'));
  expect(await names()).toEqual(['echo']);
  await tools.close();
  await until(async () => expect((await instanceOf('tooled')).health).toBe('UNREACHABLE'));
  expect(await names()).toEqual(['echo']);
});
