/**
 * `npm run demo`: the whole system on free ports with a temporary store, the email workflows over the example
 * mailbox, services that die and are scaled, and what became of it all. Ends everything it started; exits 1 when
 * something went wrong.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { follow, type Status, setNotifyFailure, startWorkflow } from '../local/demo/client.ts';
import { playDeath, playScaleUp, urlOf } from '../local/demo/instances.ts';
import { createProgress } from '../local/demo/progress.ts';
import { timeline } from '../local/demo/timeline.ts';
import { wrappedJson } from '../local/demo/wrapped.ts';
import { exampleEnvironment } from '../local/example-variables.ts';
import { readManifest } from '../local/read-manifest.ts';
import { startSystem } from '../local/system.ts';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const manifestFile = fileURLToPath(new URL('../examples/email/orchestrator.yaml', import.meta.url));

interface Scene {
  readonly title: string;
  readonly workflow: string;
  readonly input: unknown;
  readonly expected: Status['status'];
  readonly notify?: 'off' | 'always';
}

const scenes: readonly Scene[] = [
  {
    title: 'One email: fetch, classify, store',
    workflow: 'process-email',
    input: { email_id: 'abc123' },
    expected: 'SUCCEEDED',
  },
  { title: 'The whole inbox, four at a time', workflow: 'process-inbox', input: {}, expected: 'SUCCEEDED' },
  {
    title: 'Notify fails on purpose: the stored node is taken back',
    workflow: 'process-and-notify',
    input: { email_id: 'planning' },
    expected: 'FAILED',
    notify: 'always',
  },
  {
    title: 'Notify works again',
    workflow: 'process-and-notify',
    input: { email_id: 'planning' },
    expected: 'SUCCEEDED',
    notify: 'off',
  },
];

const ends: (() => Promise<unknown>)[] = [];

async function endAll(): Promise<void> {
  for (const end of ends.splice(0).reverse()) await end().catch(() => undefined);
}

async function start(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'orchestrator-demo-'));
  ends.push(() => rm(dataDir, { recursive: true, force: true }));
  const system = await startSystem({
    host: '127.0.0.1',
    port: 0,
    dataDir,
    env: process.env,
    manifest: await readManifest(manifestFile, exampleEnvironment({}, { dataDir, started: true })),
    defaultWorkflow: 'process-email',
    adminKey: undefined,
    allowedHosts: [],
    allowedNetworks: [],
    retentionDays: 1,
    logLevel: 'INFO',
    logOutput: `file:${join(dataDir, 'orchestrator.log')}`,
  });
  ends.push(system.close);
  return system.endpoints.api;
}

async function play(api: string, scene: Scene): Promise<Status> {
  console.log(`\n${scene.title}`);
  if (scene.notify) await setNotifyFailure(await urlOf(api, 'notify'), scene.notify);
  const progress = createProgress(process.stdout);
  const workflowId = await startWorkflow(api, scene.workflow, scene.input);
  const status = await follow(api, workflowId, (seen) => progress.show(seen));
  progress.end(status);
  return status;
}

/** What a person needs to know of an end that was not expected. */
function complaint(scene: Scene, { status, error }: Status): string {
  const where = error?.step
    ? ` in step ${error.step}${error.service ? ` of service ${error.service}` : ''}`
    : '';
  return `${scene.workflow} ended ${status} instead of ${scene.expected}${where}: ${error?.code ?? ''} ${error?.message ?? ''}`;
}

async function main(): Promise<number> {
  const api = await start();
  console.log(`Orchestrator at ${api}, which starts four example services`);
  const played: Status[] = [];
  for (const scene of scenes) {
    const status = await play(api, scene);
    if (status.status !== scene.expected) throw new Error(complaint(scene, status));
    played.push(status);
  }
  await playDeath(api, 'classifier');
  await playScaleUp(api, { service: 'classifier', instances: 3 });
  console.log(`\nTimeline\n${played.map(timeline).join('\n\n')}`);
  console.log('\nResults');
  for (const { workflow, output, error } of played) {
    const name = `  ${workflow.padEnd(20)}`;
    console.log(output === undefined ? `${name}${error?.step}: ${error?.code}` : wrappedJson(output, name));
  }
  return 0;
}

process.once('SIGINT', () => void endAll().finally(() => process.exit(130)));
process.once('SIGTERM', () => void endAll().finally(() => process.exit(143)));

const code = await main().catch((error: unknown) => {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
});
await endAll();
process.exit(code);
