/**
 * The email workflow over the services on Python FastMCP comes to what it does over the TypeScript ones.
 * @module-tag long
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { readManifest } from '../../local/read-manifest.ts';
import { restDoor, runToEnd, type Status } from '../system/clients.ts';
import { type ExampleServices, startExampleServices } from '../system/example-services.ts';
import { startTestSystem } from '../system/local-system.ts';
import { present, type Skipped } from '../system/on-demand.ts';
import { pythonServicesBoundMs, startPythonServices } from '../system/python-services.ts';

let folder: string;
let python: ExampleServices | Skipped;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'python-e2e-'));
  python = await startPythonServices({ dataDir: join(folder, 'python') });
}, pythonServicesBoundMs);

afterAll(async () => {
  if (!('skipped' in python)) await python.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the workflow in a system whose manifest names these services. */
async function processOver(services: ExampleServices, email_id: string): Promise<Status> {
  const manifest = await readManifest('examples/email/orchestrator.yaml', services.urls);
  const system = await startTestSystem({ manifest });
  try {
    return await runToEnd(restDoor(system.endpoints), 'process-email', { email_id });
  } finally {
    await system.close();
  }
}

const Graph = z.object({ nodes: z.array(z.looseObject({ id: z.string() })), edges: z.array(z.unknown()) });

/** What the service wrote, but for the id of the execution. */
async function graphIn(dataDir: string) {
  const { nodes, edges } = Graph.parse(JSON.parse(await readFile(join(dataDir, 'graph.json'), 'utf8')));
  return { nodes: nodes.map(({ createdBy: _, ...node }) => node), edges };
}

it('processes an email over Python services as over those in TypeScript', async (context) => {
  const services = present(python, context);
  const status = await processOver(services, 'abc123');
  expect(status).toMatchObject({
    status: 'SUCCEEDED',
    output: { node_id: 'email:abc123', category: 'invoice' },
  });
  expect(status.steps.map(({ path, status: of, attempts }) => [path, of, attempts.length])).toEqual([
    ['fetch', 'SUCCEEDED', 1],
    ['classify', 'SUCCEEDED', 1],
    ['store', 'SUCCEEDED', 1],
  ]);
  const typescript = await startExampleServices({
    env: {},
    dataDir: join(folder, 'typescript'),
    freePorts: true,
  });
  const expected = await processOver(typescript, 'abc123').finally(() => typescript.stop());
  expect(status.output).toEqual(expected.output);
  expect(status.steps.map(({ output }) => output)).toEqual(expected.steps.map(({ output }) => output));
  expect(await graphIn(join(folder, 'python'))).toEqual(await graphIn(join(folder, 'typescript')));
}, 60_000);

it('fails with the code of the tool when an email does not exist', async (context) => {
  const status = await processOver(present(python, context), 'nobody');
  expect(status).toMatchObject({
    status: 'FAILED',
    error: {
      code: 'service.tool-failed',
      step: 'fetch',
      message: expect.stringContaining("There is no email 'nobody' in the mailbox"),
    },
  });
}, 60_000);
