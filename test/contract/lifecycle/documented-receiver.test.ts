/** The receiver of docs/drivers.md, run as it stands there. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createWebhookDriver } from '../../../src/lifecycle/drivers/webhook/webhook-driver.ts';
import { createSigner } from '../../../src/transport/webhook-signature.ts';
import { startDocumentedProgram } from '../../system/documented-program.ts';
import { freePort } from '../../system/free-port.ts';
import { secret, webhookOptions } from './webhook-receiver.ts';

let url: string;
let stop: () => Promise<void>;

beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}/`;
  const receiver = { guide: 'drivers.md', heading: '### A receiver' };
  const env = { PORT: String(port), WEBHOOK_SECRET: secret, WEBHOOK_URL: url };
  stop = (await startDocumentedProgram(receiver, env)).stop;
  await vi.waitFor(async () => expect(await post({}, '')).toBe(401), { timeout: 15_000 });
});

afterAll(() => stop());

const post = (headers: Record<string, string>, body: string): Promise<number> =>
  fetch(url, { method: 'POST', headers, body }).then(
    ({ status }) => status,
    () => 0,
  );

const startOf = (id: string) => ({
  service: 'gmail',
  version: '1.0.0',
  transport: 'rest' as const,
  id,
  token: `gmail.${id}.1`,
  settings: {},
});

const message = (audience: string) =>
  JSON.stringify({ action: 'describe', token: 'gmail.i-1.1', service: 'gmail', audience });
const signed = (body: string, secondsAgo = 0) =>
  createSigner(secret)({ id: 'one', seconds: Math.floor(Date.now() / 1000) - secondsAgo, body });

describe('the receiver that is documented', () => {
  it('starts, tells of and stops what the driver asks for', async () => {
    const driver = createWebhookDriver({ ...webhookOptions(), clock: { now: () => Date.now() }, url });
    const start = startOf('i-1');
    await driver.start(start);
    await driver.start(start);
    await expect.poll(async () => (await driver.describe(start)).state).toBe('RUNNING');
    const { url: where = '' } = await driver.describe(start);
    const answered = await fetch(where);
    expect(answered.headers.get('content-type')).toBe('application/json');
    expect(await answered.json()).toBe('gmail');
    await driver.stop(start);
    expect(await driver.describe(start)).toMatchObject({ state: 'GONE' });
    await driver.stop(start);
  });

  it('takes what is signed now, for itself', async () => {
    expect(await post(signed(message(url)), message(url))).toBe(200);
  });

  it.each([
    ['with another body', () => post(signed(message(url)), message(url).replace('describe', 'stop'))],
    ['from long ago', () => post(signed(message(url), 301), message(url))],
    ['from far ahead', () => post(signed(message(url), -302), message(url))],
    ['without a signature', () => post({}, message(url))],
    [
      'with a signature that is cut',
      () => {
        const { 'webhook-signature': signature = '', ...rest } = signed(message(url));
        return post({ ...rest, 'webhook-signature': signature.slice(0, 20) }, message(url));
      },
    ],
  ])('refuses what comes %s', async (_what, send) => {
    expect(await send()).toBe(401);
  });

  it('refuses what was sent to somebody else with the same secret', async () => {
    const body = message('https://elsewhere.example/');
    expect(await post(signed(body), body)).toBe(403);
  });
});
