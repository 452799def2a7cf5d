/** A REST service that echoes, fails at /teapot, and holds answers to /held/<key> back until a test lets them go. */
import type { ServerResponse } from 'node:http';
import { expect } from 'vitest';
import { json, startScriptedService } from './scripted-service.ts';

export interface HoldingService {
  readonly url: string;
  /** Waits until somebody asks for it. */
  isHeld(key: string): Promise<void>;
  /** Answers who asks for it, once somebody does. */
  letGo(key: string): Promise<void>;
  close(): Promise<void>;
}

export async function startHoldingService(): Promise<HoldingService> {
  const held = new Map<string, ServerResponse[]>();
  const service = await startScriptedService(({ path, body }, response) => {
    if (path === '/teapot') return void response.writeHead(418).end();
    if (!path.startsWith('/held/')) return json(response, body);
    held.set(path, [...(held.get(path) ?? []), response]);
  });
  const isHeld = (key: string) => expect.poll(() => held.has(`/held/${key}`), { timeout: 10_000 }).toBe(true);
  return {
    url: service.url,
    isHeld,
    async letGo(key) {
      await isHeld(key);
      for (const response of held.get(`/held/${key}`) ?? []) json(response, { done: key });
    },
    close: service.close,
  };
}

/** A call of this service, registered as `worker`, with the input as its body. */
export const askWorker = (path: string) => ({
  id: 'call',
  call: { service: 'worker', request: { method: 'POST', path, body: '{% $input %}' } },
});

/** A workflow that is held until its `key` is let go. */
export const holds = { name: 'holds', steps: [askWorker("{% '/held/' & $input.key %}")] };
