/** What a service may not do to the orchestrator: answer too much, lead elsewhere, be where it must not be. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restDoor, runToEnd } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

let system: TestSystem;
let service: ScriptedService;

beforeAll(async () => {
  service = await startScriptedService(({ path }, response) => {
    if (path === '/large') return json(response, { text: 'x'.repeat(4 * 1024 * 1024), part: 7 });
    if (path === '/medium') return json(response, { text: 'x'.repeat(250_000), part: 7 });
    if (path === '/redirect') return response.writeHead(302, { location: '/fine' }).end();
    if (path === '/throttled') return response.writeHead(429, { 'retry-after': '3600' }).end();
    json(response, { fine: true }, path === '/404' ? 404 : 200);
  });
  system = await startTestSystem();
  const door = restDoor(system.endpoints);
  await door('register_service', { name: 'odd', transport: 'rest', url: service.url });
  await door('register_service', { name: 'inside', transport: 'rest', url: 'http://10.0.0.1/' });
}, 60_000);

afterAll(async () => {
  await system.close();
  await service.close();
});

const call = (path: string, name = 'odd') => ({ service: name, request: { method: 'GET', path } });

async function run(name: string, steps: unknown[]) {
  const door = restDoor(system.endpoints);
  expect((await door('define_workflow', { name, steps })).code).toBeUndefined();
  return runToEnd(door, name);
}

describe('a service that', () => {
  it.each([
    ['answers more than 4 MB', 'large', call('/large'), 'step.result-too-large', 1],
    ['redirects', 'redirect', call('/redirect'), 'service.redirected', 1],
    ['throttles for longer than a step can wait', 'throttled', call('/throttled'), 'service.throttled', 1],
    [
      'is at a private address that is not allowed',
      'refused',
      call('/', 'inside'),
      'service.address-refused',
      1,
    ],
  ])('%s fails the step with its code', async (_what, name, to, code, attempts) => {
    const status = await run(name, [{ id: 'call', call: to, timeoutSeconds: 2, retry: { maxAttempts: 2 } }]);
    expect(status).toMatchObject({ status: 'FAILED', error: { code, step: 'call' } });
    expect(status.steps[0]?.attempts.map(({ error }) => error?.code)).toEqual(
      Array.from({ length: attempts }, () => code),
    );
  });

  it('answers much leaves in the state machine what select keeps', async () => {
    const status = await run('selected', [
      { id: 'call', call: call('/medium'), select: '{% $result.part %}' },
    ]);
    expect(status).toMatchObject({ status: 'SUCCEEDED', output: { call: 7 } });
  });

  it('rejects a call does not end the workflow when the step says continue', async () => {
    const status = await run('goes-on', [
      { id: 'risky', call: call('/404'), onFailure: 'continue' },
      { id: 'safe', call: call('/fine') },
    ]);
    expect(status).toMatchObject({ status: 'SUCCEEDED', output: { safe: { fine: true } } });
    expect(status.steps.map((step) => step.status)).toEqual(['FAILED', 'SUCCEEDED']);
  });

  it('was removed after the definition fails the step as not found', async () => {
    const door = restDoor(system.endpoints);
    await door('register_service', { name: 'gone', transport: 'rest', url: service.url });
    await door('define_workflow', {
      name: 'calls-gone',
      steps: [{ id: 'call', call: call('/fine', 'gone') }],
    });
    await door('deregister_service', { name: 'gone', force: true, reason: 'it is gone' });
    expect(await runToEnd(door, 'calls-gone')).toMatchObject({
      status: 'FAILED',
      error: { code: 'service.not-found' },
    });
  });
});
