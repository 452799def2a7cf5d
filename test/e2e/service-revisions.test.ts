/** Changes of a registration over what was read: the revision in the body, and as ETag and If-Match over REST. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { doors, rest, restDoor } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

let system: TestSystem;
let revision: number;

const path = '/v1/services/mail';

beforeAll(async () => {
  system = await startTestSystem();
}, 60_000);

afterAll(async () => {
  await system.close();
});

beforeEach(async () => {
  const door = restDoor(system.endpoints);
  await door('deregister_service', { name: 'mail' });
  const { body } = await door('register_service', {
    name: 'mail',
    version: '1.0.0',
    transport: 'rest',
    url: 'http://127.0.0.1:9/',
    owner: 'team-a',
  });
  revision = Number(body['revision']);
});

describe.each(doors)('update_service over $door', ({ open }) => {
  const door: ReturnType<typeof open> = (operation, input) => open(system.endpoints)(operation, input);

  it('changes the fields that are named, removes those that are null, and leaves the others', async () => {
    const changed = await door('update_service', {
      name: 'mail',
      revision,
      owner: null,
      description: 'Sends mail',
    });
    expect(changed).toMatchObject({
      code: undefined,
      body: { url: 'http://127.0.0.1:9/', description: 'Sends mail', created: false, changed: true },
    });
    expect(changed.body).not.toHaveProperty('owner');
    expect(Number(changed.body['revision'])).toBeGreaterThan(revision);
  });

  it('refuses a revision that is not the one of the record, and changes nothing', async () => {
    const answer = await door('update_service', { name: 'mail', revision: revision - 1, owner: 'team-b' });
    expect(answer).toMatchObject({ code: 'service.changed', body: { status: 412 } });
    expect((await door('get_service', { name: 'mail' })).body).toMatchObject({ owner: 'team-a', revision });
  });

  it('names what is missing, unknown and wrong with its path', async () => {
    expect(await door('update_service', { name: 'mail', owner: 'team-b' })).toMatchObject({
      code: 'request.invalid',
      body: { errors: [{ path: 'revision' }] },
    });
    const wrong = { name: 'mail', revision, colour: 'red', url: 'ftp://x', healthCheck: { kind: 'sms' } };
    const { body } = await door('update_service', wrong);
    expect(body).toMatchObject({
      errors: [{ path: 'url' }, { path: 'healthCheck.kind' }, { path: 'colour' }],
    });
    expect((await door('update_service', { name: 'nobody', revision })).code).toBe('service.not-found');
  });

  it('removes only what was read, when a revision is named', async () => {
    expect(await door('deregister_service', { name: 'mail', revision: revision - 1 })).toMatchObject({
      code: 'service.changed',
    });
    expect(await door('deregister_service', { name: 'mail', revision })).toMatchObject({
      body: { name: 'mail', removed: ['1.0.0'] },
    });
  });
});

describe('entity tags over REST', () => {
  const patch = (headers: Record<string, string>, body: object = { owner: 'team-b' }) =>
    rest(system.endpoints, ['PATCH', path], { body, headers });

  it('carries the revision in every answer that shows one, and takes it as it came', async () => {
    const shown = await rest(system.endpoints, ['GET', path]);
    expect(shown.headers.get('etag')).toBe(`"${revision}"`);
    const changed = await patch({ 'if-match': `"${revision}"` });
    expect(changed).toMatchObject({ status: 200, body: { owner: 'team-b' } });
    expect(changed.headers.get('etag')).toBe(`"${changed.body['revision']}"`);
    const again = await rest(system.endpoints, ['PUT', path], {
      body: { version: '2.0.0', transport: 'rest' },
    });
    expect(again.headers.get('etag')).toBe(`"${again.body['revision']}"`);
    expect((await rest(system.endpoints, ['GET', '/v1/services'])).headers.get('etag')).toBeNull();
  });

  it('takes a bare number, and answers 412 for another revision', async () => {
    expect((await patch({ 'if-match': String(revision) })).status).toBe(200);
    expect(await patch({ 'if-match': `"${revision}"` })).toMatchObject({
      status: 412,
      body: { code: 'service.changed' },
    });
    const deleting = await rest(system.endpoints, ['DELETE', path], {
      headers: { 'if-match': `"${revision}"` },
    });
    expect(deleting.status).toBe(412);
  });

  it.each(['*', 'W/"1"', '"1", "2"', 'abc'])('refuses If-Match: %s and names revision', async (header) => {
    expect(await patch({ 'if-match': header })).toMatchObject({
      status: 400,
      body: { code: 'request.invalid', errors: [{ path: 'revision' }] },
    });
  });

  it('refuses a header that says something else than the body', async () => {
    expect(
      await patch({ 'if-match': `"${revision}"` }, { owner: 'x', revision: revision - 1 }),
    ).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'revision', message: 'is not the same as in the If-Match header' }] },
    });
  });
});
