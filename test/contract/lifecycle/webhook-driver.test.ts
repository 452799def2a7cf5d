/** The webhook driver against a real HTTP server that receives it. */
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DrivenStart } from '../../../src/instances/driver.ts';
import { createWebhookDriver } from '../../../src/lifecycle/drivers/webhook/webhook-driver.ts';
import { json, type Script, startScriptedService } from '../../system/scripted-service.ts';
import { describeDriver } from './driver-contract.ts';
import { type Answers, secret, startReceiver, webhookOptions } from './webhook-receiver.ts';

const startOf = (name: string, parts: Partial<DrivenStart> = {}): DrivenStart => ({
  service: 'gmail',
  version: '1.2.0',
  transport: 'mcp',
  id: name,
  token: `gmail.${name}.1`,
  settings: {},
  ...parts,
});

describe.each<Answers>(['at once', 'with a statusUrl'])('where answers are given %s', (answers) => {
  describeDriver('the webhook driver', async () => {
    const receiver = await startReceiver(answers);
    return {
      open: () => createWebhookDriver({ ...webhookOptions(), url: receiver.url, goodForMs: 0 }),
      start: startOf,
      copies: async ({ token }) => receiver.copies(token),
      end: async ({ token }) => void receiver.end(token),
      close: receiver.close,
    };
  });
});

async function driverAgainst(script: Script) {
  const service = await startScriptedService(script);
  onTestFinished(service.close);
  const driver = createWebhookDriver({ ...webhookOptions(), url: `${service.url}/hook` });
  return { driver, ...service };
}

describe('what a webhook is asked', () => {
  it('says what is to be started, by whom and at which url', async () => {
    const { driver, seen, url } = await driverAgainst((_seen, response) => json(response, {}));
    await driver.start(startOf('i-1', { settings: { parameters: { size: 'small' } } }));
    expect(seen).toEqual([
      {
        path: '/hook',
        idempotencyKey: 'gmail.i-1.1',
        body: {
          action: 'start',
          token: 'gmail.i-1.1',
          service: 'gmail',
          instance: 'i-1',
          version: '1.2.0',
          transport: 'mcp',
          parameters: { size: 'small' },
          owner: 'dev',
          audience: `${url}/hook`,
        },
      },
    ]);
  });

  it('has keys that tell a stop from its start, and none where the answer changes', async () => {
    const { driver, seen } = await driverAgainst((_seen, response) => json(response, { state: 'RUNNING' }));
    const start = startOf('i-1');
    await driver.start(start);
    await driver.describe(start);
    await driver.stop(start);
    expect(seen.map(({ idempotencyKey }) => idempotencyKey)).toEqual([
      'gmail.i-1.1',
      undefined,
      'gmail.i-1.1.stop',
    ]);
  });

  it('is asked at the url of the settings, where they have one', async () => {
    const usual = await driverAgainst((_seen, response) => json(response, {}));
    const own = await driverAgainst((_seen, response) => json(response, { state: 'RUNNING', ref: 'vm-1' }));
    const start = startOf('i-1', { settings: { url: `${own.url}/mine` } });
    expect(await usual.driver.start(start)).toMatchObject({ state: 'RUNNING', ref: 'vm-1' });
    expect(usual.seen).toEqual([]);
    expect(own.seen).toHaveLength(1);
  });

  it('is told what it called the instance', async () => {
    const { driver, seen } = await driverAgainst((_seen, response) => json(response, { state: 'RUNNING' }));
    expect(await driver.describe(startOf('i-1', { ref: 'vm-1' }))).toMatchObject({ ref: 'vm-1' });
    expect(seen[0]?.body).toMatchObject({ ref: 'vm-1' });
  });

  it('is nobody where nobody was named', async () => {
    const driver = createWebhookDriver(webhookOptions());
    await expect(driver.start(startOf('i-1'))).rejects.toMatchObject({
      code: 'driver.refused',
      message:
        'Nobody can be asked to start service gmail: its driver has no settings.url, and SERVICE_INSTANCE_MANAGEMENT_URL is not set',
    });
  });

  it('is nobody at an address that the egress refuses', async () => {
    const { seen, url } = await driverAgainst((_seen, response) => json(response, {}));
    const driver = createWebhookDriver({ ...webhookOptions([]), url });
    await expect(driver.start(startOf('i-1'))).rejects.toMatchObject({
      code: 'driver.refused',
      message: expect.stringContaining('127.0.0.1 is a loopback address'),
    });
    expect(seen).toEqual([]);
  });
});

describe('a statusUrl', () => {
  const accepted: Script = ({ path }, response) =>
    path === '/hook'
      ? json(response, { statusUrl: '/status/8123' }, 202)
      : json(response, { state: 'EXITED', exit: { how: 'with code 1', lastLines: ['out of memory'] } });

  it('is what the start is called, and what is read from then on', async () => {
    const { driver, seen, url } = await driverAgainst(accepted);
    const { state, ref } = await driver.start(startOf('i-1'));
    expect({ state, ref }).toEqual({ state: 'PENDING', ref: `${url}/status/8123` });
    expect(await driver.describe(startOf('i-1', { ref }))).toEqual({
      state: 'EXITED',
      ref: `${url}/status/8123`,
      exit: { how: 'with code 1', lastLines: ['out of memory'] },
    });
    expect(seen.map(({ path, body }) => [path, body === undefined])).toEqual([
      ['/hook', false],
      ['/status/8123', true],
    ]);
  });

  it.each([404, 410])('that answers %d means that the instance is gone', async (status) => {
    const { driver, url } = await driverAgainst((_seen, response) => json(response, {}, status));
    expect(await driver.describe(startOf('i-1', { ref: `${url}/status/8123` }))).toEqual({ state: 'GONE' });
  });

  it.each(['https://elsewhere.example/status', '//elsewhere.example/x', 'http://'])(
    'of another origin is refused: %s',
    async (statusUrl) => {
      const { driver } = await driverAgainst((_seen, response) => json(response, { statusUrl }, 202));
      await expect(driver.start(startOf('i-1'))).rejects.toMatchObject({
        code: 'driver.refused',
        message:
          'The webhook of service gmail answered what is not documented: statusUrl: must be a url of the same origin',
      });
    },
  );

  it('of a receiver that has changed is not read any more: the new one is asked', async () => {
    const { driver, seen } = await driverAgainst((_seen, response) => json(response, { state: 'GONE' }));
    const start = startOf('i-1', { ref: 'http://127.0.0.1:9/status/8123' });
    expect(await driver.describe(start)).toMatchObject({ state: 'GONE' });
    expect(seen[0]?.body).toMatchObject({ action: 'describe' });
  });
});

describe('an answer of a webhook', () => {
  it('is good for a second, and until it is asked for something else', async () => {
    let nowMs = 1_795_000_000_000;
    const { url, seen, close } = await startScriptedService((_seen, response) =>
      json(response, { state: 'RUNNING' }),
    );
    onTestFinished(close);
    const driver = createWebhookDriver({ ...webhookOptions(), url, clock: { now: () => nowMs } });
    const asked = async (after: () => unknown): Promise<number> => {
      await after();
      await driver.describe(startOf('i-1'));
      return seen.length;
    };
    expect(await asked(() => undefined)).toBe(1);
    expect(await asked(() => (nowMs += 999))).toBe(1);
    expect(await asked(() => (nowMs += 1))).toBe(2);
    expect(await asked(() => driver.stop(startOf('i-1')))).toBe(4);
    expect(await asked(() => driver.start(startOf('i-1')))).toBe(6);
  });

  it('that says that it still runs is followed by another request to stop after 1 s, 2 s, 4 s, and so on to a minute', async () => {
    let nowMs = 1_795_000_000_000;
    const stops: number[] = [];
    const { url, close } = await startScriptedService(({ body }, response) => {
      if (JSON.stringify(body).includes('"stop"')) stops.push((nowMs - 1_795_000_000_000) / 1000);
      json(response, { state: 'RUNNING' }, stops.length === 2 ? 500 : 200);
    });
    onTestFinished(close);
    const driver = createWebhookDriver({ ...webhookOptions(), url, clock: { now: () => nowMs } });
    const refused: number[] = [];
    for (let look = 0; look < 1_500; look++, nowMs += 100)
      await driver.stop(startOf('i-1')).catch(() => refused.push(look));
    expect(stops).toEqual([0, 1, 3, 7, 15, 31, 63, 123]);
    // As long as the last request was not taken, nobody is told that it was.
    expect([refused[0], refused.at(-1)]).toEqual([10, 29]);
    nowMs -= 3_600_000;
    await driver.stop(startOf('i-1'));
    expect(stops).toHaveLength(9);
  });

  it.each([
    [400, 'driver.refused'],
    [403, 'driver.refused'],
    [302, 'driver.refused'],
    [429, 'service.throttled'],
    [500, 'service.failed'],
    [503, 'service.failed'],
  ])('of %d to a start is %s', async (status, code) => {
    const { driver } = await driverAgainst((_seen, response) =>
      json(response, { detail: 'no room' }, status),
    );
    await expect(driver.start(startOf('i-1'))).rejects.toMatchObject({ code });
  });

  it('of 404 to a describe is a failure: the url may be wrong, and nothing is known', async () => {
    const { driver } = await driverAgainst((_seen, response) => json(response, {}, 404));
    await expect(driver.describe(startOf('i-1'))).rejects.toMatchObject({ code: 'service.rejected' });
  });

  it.each([
    ['[]', 'Invalid input: expected object, received array'],
    ['{"state":"UP"}', 'state: Invalid option: expected one of "PENDING"|"RUNNING"|"EXITED"|"GONE"'],
    ['{"url":"ftp://x"}', 'url: must be an http or https URL without user, password or fragment'],
    ['<html>', 'Invalid input: expected object, received undefined'],
  ])('that is %s is refused', async (text, why) => {
    const { driver } = await driverAgainst((_seen, response) => void response.end(text));
    await expect(driver.describe(startOf('i-1'))).rejects.toMatchObject({
      code: 'service.bad-response',
      message: `The webhook of service gmail answered what is not documented: ${why}`,
    });
  });

  it('that is empty says that it was accepted', async () => {
    const { driver } = await driverAgainst((_seen, response) => void response.writeHead(204).end());
    expect(await driver.start(startOf('i-1'))).toMatchObject({ state: 'PENDING' });
  });
});

describe('the secret', () => {
  it.each(['hunter2', 'whsec_c2hvcnQ=', secret.slice('whsec_'.length)])(
    'has to be long and in the form of Standard Webhooks, and is not told: %s',
    (wrong) => {
      const create = () => createWebhookDriver({ ...webhookOptions(), secret: wrong });
      expect(create).toThrow('must be whsec_ and the base64 of 24 to 64 random bytes');
      expect(create).not.toThrow(wrong);
    },
  );
});
