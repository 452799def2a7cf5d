/** Who ends the system in the midst of work: what is under way writes before the store is closed, or not at all. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startSystem } from '../../local/system.ts';
import { awaitStatus, restDoor, workflowIdOf } from '../system/clients.ts';
import { emptyManifest, startTestSystem } from '../system/local-system.ts';
import { json, startScriptedService } from '../system/scripted-service.ts';

it('nothing asks a store that is closed, wherever in the work the end comes', {
  tags: ['long'],
  timeout: 60_000,
}, async () => {
  const told = vi.spyOn(console, 'error').mockImplementation(() => {});
  onTestFinished(() => told.mockRestore());
  const service = await startScriptedService((_seen, response) => setTimeout(() => json(response, {}), 30));
  onTestFinished(() => service.close());
  const call = { service: 'slow', request: { method: 'POST', path: '/works', body: {} } };
  const visits = { items: '{% [1..40] %}', as: 'visitor', maxConcurrency: 10, steps: [{ id: 'ask', call }] };
  for (const calls of [0, 1, 5, 11, 25, 39]) {
    const before = service.seen.length;
    const system = await startTestSystem();
    const door = restDoor(system.endpoints);
    await door('register_service', { name: 'slow', transport: 'rest', url: service.url });
    await door('define_workflow', { name: 'visits', steps: [{ id: 'all', forEach: visits }] });
    await door('start_workflow', { workflow: 'visits', input: {} });
    await expect.poll(() => service.seen.length - before, { interval: 5 }).toBeGreaterThanOrEqual(calls);
    await system.close();
  }
  expect(
    told.mock.calls.map((words) => words.map(String).join(' ')).filter((text) => text.includes('DynamoDB')),
  ).toEqual([]);
});

it('a call that the end cuts off is no failure of its step, which goes on with the next start', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'orchestrator-ends-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }));
  const service = await startScriptedService((_seen, response) => {
    // The first call is never answered.
    if (service.seen.length > 1) json(response, {});
  });
  onTestFinished(() => service.close());
  const start = () =>
    startSystem({
      host: '127.0.0.1',
      port: 0,
      dataDir,
      env: process.env,
      manifest: emptyManifest,
      defaultWorkflow: undefined,
      adminKey: undefined,
      allowedHosts: [],
      allowedNetworks: [],
      retentionDays: 30,
      logLevel: 'ERROR',
      logOutput: `file:${join(dataDir, 'log')}`,
    });
  const first = await start();
  const door = restDoor(first.endpoints);
  await door('register_service', { name: 'slow', transport: 'rest', url: service.url });
  const call = { service: 'slow', request: { method: 'GET', path: '/works' } };
  await door('define_workflow', { name: 'asks', steps: [{ id: 'ask', call }] });
  const workflowId = workflowIdOf(await door('start_workflow', { workflow: 'asks', input: {} }));
  await expect.poll(() => service.seen.length).toBe(1);
  await first.close();
  const next = await start();
  onTestFinished(() => next.close());
  expect(await awaitStatus(restDoor(next.endpoints), workflowId)).toMatchObject({ status: 'SUCCEEDED' });
});
