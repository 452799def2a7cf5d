import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { RunningService } from '../../../examples/email/http-service.ts';
import { type NotifyOptions, startNotify } from '../../../examples/email/notify.ts';

const Created = z.object({ id: z.string() });
const Listed = z.object({ notifications: z.array(Created) });

describe('notify', () => {
  let service: RunningService;
  beforeEach(() => restart({}));
  afterEach(() => service.close());

  async function restart(options: Partial<NotifyOptions>): Promise<void> {
    await service?.close();
    service = await startNotify({ port: 0, ...options });
  }
  const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${service.port}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  const post = (body: unknown, key?: string) =>
    send('POST', '/notifications', body, key === undefined ? {} : { 'Idempotency-Key': key });
  const idOf = async (response: Response) => Created.parse(await response.json()).id;
  const listedIds = async () =>
    Listed.parse(await (await send('GET', '/notifications')).json()).notifications.map(({ id }) => id);

  it('accepts notifications and lists them, oldest first', async () => {
    const responses = [await post({ message: 'one' }), await post({ message: 'two', to: 'a@example.org' })];
    expect(responses.map(({ status }) => status)).toEqual([201, 201]);
    expect(await listedIds()).toEqual(await Promise.all(responses.map(idOf)));
  });

  it('accepts one notification per idempotency key', async () => {
    const first = await idOf(await post({ message: 'one' }, 'k1'));
    const repeat = await post({ message: 'one' }, 'k1');
    expect(repeat.status).toBe(201);
    expect(await idOf(repeat)).toBe(first);
    await post({ message: 'one' }, 'k2');
    expect(await listedIds()).toHaveLength(2);
  });

  it('refuses a key that was used with another notification', async () => {
    await post({ message: 'one' }, 'k1');
    expect((await post({ message: 'other' }, 'k1')).status).toBe(409);
  });

  it('fails every time when told so, keeps nothing, and recovers when told so', async () => {
    expect(await (await send('PUT', '/failure', { mode: 'always' })).json()).toEqual({ mode: 'always' });
    const failed = await post({ message: 'one' }, 'k1');
    expect(failed.status).toBe(500);
    expect(failed.headers.get('content-type')).toBe('application/problem+json');
    expect(await failed.json()).toEqual({
      title: 'Notifications fail because they were told to',
      status: 500,
    });
    expect((await post({ message: 'one' }, 'k1')).status).toBe(500);
    expect(await listedIds()).toEqual([]);
    await send('PUT', '/failure', { mode: 'off' });
    expect((await post({ message: 'one' }, 'k1')).status).toBe(201);
  });

  it('fails once when started so', async () => {
    await restart({ failure: 'once' });
    expect((await post({})).status).toBe(400);
    expect((await post({ message: 'one' })).status).toBe(500);
    expect((await post({ message: 'one' })).status).toBe(201);
    expect(await (await send('GET', '/failure')).json()).toEqual({ mode: 'off' });
  });

  it('names the path of each fault of a bad body', async () => {
    const response = await post({ to: 7 });
    expect(response.status).toBe(400);
    const problem = z
      .object({ errors: z.array(z.object({ path: z.string() })) })
      .parse(await response.json());
    expect(problem.errors.map(({ path }) => path).sort()).toEqual(['message', 'to']);
  });

  it.each([
    ['POST', '/notifications', '{"message":', 400],
    ['POST', '/notifications', `{"message":"${'x'.repeat(1_000_001)}"}`, 413],
    ['PUT', '/failure', { mode: 'sometimes' }, 400],
    ['DELETE', '/notifications', undefined, 405],
    ['GET', '/nothing', undefined, 404],
  ])('answers %s %s with a problem when it cannot do it', async (method, path, body, status) => {
    const response = await send(method, path, body);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });

  it('is healthy while notifications fail', async () => {
    await send('PUT', '/failure', { mode: 'always' });
    const health = await send('GET', '/health');
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
  });

  it('accepts nothing from a caller that hangs up during the delay', async () => {
    await restart({ delayMs: 1_000 });
    const given = fetch(`http://127.0.0.1:${service.port}/notifications`, {
      method: 'POST',
      body: JSON.stringify({ message: 'too late' }),
      signal: AbortSignal.timeout(50),
    });
    await expect(given).rejects.toThrow();
    // A later notification is answered after the delay of the first would have ended.
    const later = await idOf(await post({ message: 'in time' }));
    expect(await listedIds()).toEqual([later]);
  });
});
