/**
 * Services whose instances are containers, where an engine answers.
 *
 * @module-tag long
 */
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { restDoor } from '../system/clients.ts';
import { askEngine, type TestEngine, testEngine } from '../system/container-engine.ts';
import { drivenService, servingThrough, until } from '../system/driven-services.ts';
import { startTestSystem } from '../system/local-system.ts';
import { present, type Skipped } from '../system/on-demand.ts';

let found: TestEngine | Skipped;
beforeAll(async () => {
  found = await testEngine();
}, 120_000);
afterAll(async () => {
  if ('close' in found) await found.close();
}, 30_000);

const program = `
  process.on('SIGTERM', () => process.exit(0));
  const answer = (_, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"from":"a container"}');
  require('node:http').createServer(answer).listen(process.env.PORT);`;

const Containers = z.array(z.object({ Id: z.string(), State: z.string() }));

it('are started, called, started again when they end, and gone with the orchestrator', async (context) => {
  const { socketPath, image } = present(found, context);
  const containers = async () => {
    const filters = encodeURIComponent(JSON.stringify({ label: ['orchestrator.service=boxed'] }));
    const { text } = await askEngine(socketPath, 'GET', `/containers/json?all=1&filters=${filters}`);
    return Containers.parse(JSON.parse(text));
  };
  const settings = { image, command: [process.execPath, '-e', program], stopGraceSeconds: 2 };
  const service = drivenService({ name: 'boxed', more: { driver: { kind: 'container', settings } } });
  const system = await startTestSystem({
    manifest: { services: [service], workflows: [] },
    dockerHost: `unix://${socketPath}`,
  });
  let closed = false;
  onTestFinished(async () => {
    if (!closed) await system.close();
  });
  const door = restDoor(system.endpoints);
  const [first] = await until(async () => {
    const serving = await servingThrough(door, 'boxed');
    return serving.length === 1 ? serving : undefined;
  });
  const call = { service: 'boxed', request: { method: 'GET', path: '/' } };
  expect((await door('call_service', call)).body).toMatchObject({ result: { from: 'a container' } });

  for (const { Id } of await containers()) await askEngine(socketPath, 'POST', `/containers/${Id}/kill`);
  await until(async () => {
    const [again] = await servingThrough(door, 'boxed');
    return again && again.url !== first?.url ? again : undefined;
  });
  await expect.poll(async () => (await containers()).map(({ State }) => State)).toEqual(['running']);

  await system.close();
  closed = true;
  await expect.poll(containers, { timeout: 10_000 }).toEqual([]);
}, 90_000);
