/** Services whose instances are started by somebody else, who is asked by webhooks. */
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { startTestSystem } from '../system/local-system.ts';
import { json, startScriptedService } from '../system/scripted-service.ts';

const secret = `whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}`;
const Asked = z.object({ action: z.string(), token: z.string(), instances: z.number().optional() });

/** Starts an HTTP server for each instance. */
async function startFleet() {
  const running = new Map<string, Server>();
  /** What it was told to be wanted. */
  const counts: number[] = [];
  const stateOf = (token: string): object => {
    const address = running.get(token)?.address();
    if (address === undefined) return { state: 'GONE' };
    const { port } = z.object({ port: z.number() }).parse(address);
    return { state: 'RUNNING', url: `http://127.0.0.1:${port}` };
  };
  const stop = (token: string): void => {
    running.get(token)?.close();
    running.get(token)?.closeAllConnections();
    running.delete(token);
  };
  const receiver = await startScriptedService(({ body }, response) => {
    const { action, token, instances } = Asked.parse(body);
    if (instances !== undefined) {
      counts.push(instances);
      return json(response, {});
    }
    if (action === 'start' && !running.has(token))
      running.set(token, createServer((_request, answer) => answer.end('{}')).listen(0));
    if (action === 'stop') stop(token);
    json(response, stateOf(token));
  });
  onTestFinished(async () => {
    for (const token of running.keys()) stop(token);
    await receiver.close();
  });
  return { ...receiver, running, counts, stop };
}

it('are started, scaled, started again when they end, and stopped; each new number of them is told', async () => {
  const fleet = await startFleet();
  const system = await startTestSystem({ webhooks: { secret, url: fleet.url, scalingUrl: fleet.url } });
  onTestFinished(system.close);
  const ask = async (method: string, path: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`${system.endpoints.api}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await answer.text();
    expect(answer.status, text).toBeLessThan(300);
    return JSON.parse(text);
  };
  /** Instances, and which of their starts runs. */
  const running = () =>
    [...fleet.running.keys()].map((token) => token.replace(/^mail\.(mail-\d+)\..*\./, '$1 ')).sort();
  await ask('PUT', '/v1/services/mail', {
    version: '1.0.0',
    transport: 'rest',
    driver: { kind: 'webhook' },
    healthCheck: { kind: 'http', path: '/healthz', intervalSeconds: 5, timeoutSeconds: 2 },
    scaling: { minInstances: 1, maxInstances: 4 },
  });
  const wait = { timeout: 15_000 };
  await expect.poll(running, wait).toEqual(['mail-1 1']);
  await ask('POST', '/v1/services/mail/scale', { instances: 2 });
  await expect.poll(running, wait).toEqual(['mail-1 1', 'mail-2 1']);
  await expect
    .poll(async () => JSON.stringify(await ask('GET', '/v1/services/mail/instances/mail-2')), wait)
    .toContain('"state":"RUNNING"');
  fleet.stop([...fleet.running.keys()].find((token) => token.includes('mail-2')) ?? '');
  await expect.poll(running, wait).toEqual(['mail-1 1', 'mail-2 2']);
  await ask('POST', '/v1/services/mail/stop', {});
  await expect.poll(running, wait).toEqual([]);
  await expect.poll(() => fleet.counts, wait).toEqual([2, 0]);
}, 60_000);
