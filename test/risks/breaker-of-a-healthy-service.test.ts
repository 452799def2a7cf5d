/** Risk: what one caller chooses or gets wrong takes a healthy service away from all others. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awaitStatus, doors, rest, restDoor, workflowIdOf } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

let system: TestSystem;
let service: ScriptedService;
const get = { method: 'GET', path: '/quick' };

beforeAll(async () => {
  system = await startTestSystem();
  service = await startScriptedService(({ path }, response) => {
    if (path !== '/slow') json(response, { well: true });
  });
  await restDoor(system.endpoints)('register_service', {
    name: 'shared',
    transport: 'rest',
    url: service.url,
  });
});

afterAll(async () => {
  await system.close();
  await service.close();
});

describe.each(doors)('over $door a healthy service stays there for others', ({ open }) => {
  const call = (input: object) => open(system.endpoints)('call_service', { service: 'shared', ...input });
  const expectThere = async () =>
    expect((await call({ request: get })).body).toMatchObject({ result: { well: true } });

  it('after five calls for which their caller allowed a second', async () => {
    const slow = { request: { method: 'GET', path: '/slow' }, timeoutSeconds: 1 };
    const codes = await Promise.all(Array.from({ length: 5 }, async () => (await call(slow)).code));
    expect(codes).toEqual(Array(5).fill('service.timeout'));
    await expectThere();
  });

  it.each(['schlüssel', 'a\nb', 'a\u0000b', ' a', 'a ', '世界', 'a\u007f'])(
    'after five calls with the key %j, which is refused where it comes in',
    async (idempotencyKey) => {
      const before = service.seen.length;
      for (let n = 0; n < 5; n += 1) {
        expect((await call({ request: { ...get, method: 'POST' }, idempotencyKey })).body).toMatchObject({
          code: 'request.invalid',
          status: 400,
          errors: [
            {
              path: 'idempotencyKey',
              message: 'is sent as a header: printable ASCII, without a space at either end',
            },
          ],
        });
      }
      expect(service.seen).toHaveLength(before);
      await expectThere();
    },
  );

  it.each([
    ['X-Name', 'a\nb', 'request.headers.X-Name'],
    ['X-Name', 'grün', 'request.headers.X-Name'],
    ['X Name', 'a', 'request.headers["X Name"]'],
  ])('after five calls with the header %j: %j', async (name, value, path) => {
    for (let n = 0; n < 5; n += 1) {
      expect((await call({ request: { ...get, headers: { [name]: value } } })).body).toMatchObject({
        status: 400,
        errors: [{ path }],
      });
    }
    await expectThere();
  });
});

it('a key in the header Idempotency-Key is checked like one in the body', async () => {
  const answer = await rest(system.endpoints, ['POST', '/v1/service-calls'], {
    headers: { 'Idempotency-Key': 'grün' },
    body: { service: 'shared', request: { method: 'POST', path: '/quick' } },
  });
  expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'idempotencyKey' }] } });
});

it('a step that is allowed one second does not take the service from other steps', async () => {
  const door = restDoor(system.endpoints);
  const step = (path: string) => ({
    call: { service: 'shared', request: { method: 'GET', path } },
    timeoutSeconds: 1,
  });
  const impatient = Array.from({ length: 6 }, (_, n) => [
    { id: `s${n}`, ...step('/slow'), onFailure: 'continue' },
  ]);
  const steps = [
    { id: 'all', parallel: impatient },
    { id: 'after', ...step('/quick') },
  ];
  expect((await door('define_workflow', { name: 'impatient', steps })).code).toBeUndefined();
  const id = workflowIdOf(await door('start_workflow', { workflow: 'impatient', input: {} }));
  const ended = await awaitStatus(door, id);
  expect(ended.status).toBe('SUCCEEDED');
  expect(ended.output).toMatchObject({ after: { well: true } });
});
