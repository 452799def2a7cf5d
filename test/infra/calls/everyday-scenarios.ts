/** What happens every day: registry, runs, approvals, cancels, undos, nested runs, retries. */
import * as z from 'zod';
import { json, startScriptedService } from '../../system/scripted-service.ts';
import type { Scene } from './scene.ts';
import { asks, make, nested, rest, undoable } from './steps.ts';

export async function everyday(scene: Scene): Promise<void> {
  await registry(scene);
  await health(scene);
  await tools(scene);
  await runs(scene);
  await approvals(scene);
  await undos(scene);
  await nestedRuns(scene);
  await undosOfNestedRuns(scene);
}

const imported = {
  name: 'org.example/imported',
  version: '1.0.0',
  remotes: [{ type: 'streamable-http', url: 'http://127.0.0.1:9' }],
};

async function registry({ ask, askInVain, system }: Scene): Promise<void> {
  const spare = { name: 'spare', version: '1.0.0', transport: 'rest', url: 'http://127.0.0.1:9' };
  await ask('register_service', spare);
  await ask('get_service', { name: 'spare' });
  await ask('list_services');
  const copy = { service: 'spare', id: 'one' };
  await ask('register_instance', { ...copy, url: 'http://127.0.0.1:9' });
  await ask('heartbeat', copy);
  await askInVain('heartbeat', { ...copy, id: 'gone' }, 'instance.not-found');
  await ask('list_instances', { service: 'spare' });
  await ask('deregister_instance', copy);
  const needing = { ...spare, name: 'needing', dependencies: [{ service: 'spare' }] };
  await ask('register_service', needing);
  await ask('get_service', { name: 'needing' });
  await ask('get_dependency_graph');
  await ask('plan_start_order', { services: ['needing'] });
  await ask('get_impact', { service: 'spare' });
  await ask('deregister_service', { name: 'needing' });
  await ask('deregister_service', { name: 'spare' });
  const manifest = {
    services: { declared: { transport: 'rest', url: 'http://127.0.0.1:9' } },
    workflows: [{ name: 'declared', steps: [rest(0)] }],
  };
  await ask('plan_manifest', { manifest });
  await ask('apply_manifest', { manifest });
  await ask('apply_manifest', { manifest: { ...manifest, services: {} } });
  await ask('list_workflow_definitions');
  await ask('validate_workflow_definition', { name: 'tried', steps: [rest(0)], input: {} });
  await ask('start_workflow', { workflow: 'declared', dryRun: true, input: {} });
  await ask('import_services', { server: imported, dryRun: false });
  await ask('deregister_service', { name: 'imported' });
  await ask('list_audit_events', { service: 'spare' });
  await ask('get_logs', { service: 'spare' });
  await ask('get_logs', { from: '2026-01-01T00:00:00Z' });
  const servers = await fetch(`${system.url}/v0.1/servers`);
  if (servers.status !== 200) throw new Error(`/v0.1/servers answered ${await servers.text()}`);
  const health = await fetch(`${system.url}/healthz`);
  if (health.status !== 200) throw new Error(`healthz answered ${await health.text()}`);
}

/** A service whose health changes, and which then is elsewhere. */
async function health({ ask, system }: Scene): Promise<void> {
  const checked = { name: 'checked', version: '1.0.0', transport: 'rest' };
  const well = await startScriptedService((_seen, response) => json(response, {}));
  await ask('register_service', { ...checked, url: well.url });
  await ask('check_health_now', { service: 'checked' });
  await system.invoke('check-health', {});
  await ask('register_service', { ...checked, version: '1.1.0', url: 'http://127.0.0.1:9' });
  await ask('deregister_service', { name: 'checked', version: '1.0.0' });
  await system.invoke('check-health', {});
  await well.close();
  await ask('get_service_health', { service: 'checked' });
  await ask('get_health_history', { service: 'checked' });
  await ask('deregister_service', { name: 'checked' });
}

async function tools({ ask, system }: Scene): Promise<void> {
  await ask('list_service_tools', { name: 'maker' });
  await ask('search_tools', { query: 'make', schemas: true });
  const toolless = { name: 'toolless', transport: 'mcp', url: 'http://127.0.0.1:9' };
  await ask('register_service', toolless);
  await system.invoke('refresh-services', {});
  await ask('deregister_service', { name: 'toolless' });
  await leavingWhileRead({ ask, system });
}

/** A service that is deregistered while its tools are read. */
async function leavingWhileRead({ ask, system }: Pick<Scene, 'ask' | 'system'>): Promise<void> {
  let leaves = false;
  const leaving = await startScriptedService(async ({ body }, response) => {
    if (leaves) await ask('deregister_service', { name: 'leaving' }).catch(() => undefined);
    json(response, { jsonrpc: '2.0', id: Id.parse(body).id, result: { tools: [] } });
  });
  try {
    await ask('register_service', { name: 'leaving', transport: 'mcp', url: leaving.url });
    leaves = true;
    await system.invoke('refresh-services', {});
  } finally {
    await leaving.close();
  }
}

const Id = z.object({ id: z.number() });

async function runs({ define, start, ends, broken, ask }: Scene): Promise<void> {
  await define('retired', [make('a')]);
  await ask('get_impact', { service: 'maker' });
  await define('retired', [make('b')]);
  await ask('list_workflow_versions', { name: 'retired' });
  await ask('delete_workflow_version', { name: 'retired', version: 1 });
  await ask('archive_workflow_definition', { name: 'retired' });
  await define('plain', [rest(0), make('a')]);
  const plain = await start('plain');
  await ends(plain, 'SUCCEEDED');
  await ask('call_workflow', { workflow: 'plain', input: {} });
  const forgotten = await start('plain');
  await ends(forgotten, 'SUCCEEDED');
  await ask('delete_workflow_data', { workflowId: forgotten });
  await ask('get_step_result', { workflowId: plain, step: 'a' });
  await ask('list_workflows', { workflow: 'plain' });
  await ask('export_workflow_data', { workflowId: plain });
  await ask('get_service_metrics', { name: 'maker' });
  await ask('get_workflow_metrics', { name: 'plain' });
  await ask('list_workflows', { status: 'RUNNING' });
  await ask('list_workflows');

  await define('fragile', [make('b')]);
  broken.add('b');
  const fragile = await start('fragile');
  await ends(fragile, 'FAILED');
  broken.delete('b');
  await ask('retry_workflow', { workflowId: fragile });
  await ends(fragile, 'SUCCEEDED');

  // A result by reference: read again by a step, and looked into by the output, which is large itself.
  const steps = [make('large'), make('part', '{% $substring($large.text, 0, 3) %}')];
  await define('of-large', steps, { output: '{% $large.text %}' });
  await ends(await start('of-large'), 'SUCCEEDED');

  // The history tells in which iteration an expression failed.
  const each = { items: [{ name: 'k' }, {}], as: 'item', steps: [make('k', '{% $item.name %}')] };
  await define('misspelt', [{ id: 'loop', forEach: each }]);
  await ends(await start('misspelt'), 'FAILED');
}

async function approvals({ define, start, status, ends, ask }: Scene): Promise<void> {
  await define('asks', [asks]);
  for (const [operation, end] of [
    ['approve_step', 'SUCCEEDED'],
    ['reject_step', 'FAILED'],
  ] as const) {
    const workflowId = await start('asks');
    await ask('get_workflow_status', { workflowId, wait: 5 });
    await status(workflowId, ({ steps }) => steps[0]?.approval !== undefined);
    await ask('list_approvals');
    await ask(operation, { workflowId, step: 'ok' });
    await ends(workflowId, end);
  }
}

async function undos({ define, start, status, ends, ask }: Scene): Promise<void> {
  await define('undoable', [undoable('c'), rest(60)]);
  const workflowId = await start('undoable');
  await status(workflowId, ({ steps }) => steps[0]?.status === 'SUCCEEDED');
  await ask('cancel_workflow', { workflowId });
  await ends(workflowId, 'CANCELLED');
}

async function nestedRuns({ define, start, ends, broken, ask }: Scene): Promise<void> {
  await define('inner', [make('large')], { output: '{% $large.text %}' });
  await define('outer', [nested('inner')], { output: '{% $length($nested) %}' });
  await ends(await start('outer'), 'SUCCEEDED');

  await define('inner-fragile', [make('d')]);
  await define('outer-fragile', [nested('inner-fragile')]);
  broken.add('d');
  const outer = await start('outer-fragile');
  await ends(outer, 'FAILED');
  broken.delete('d');
  await ask('retry_workflow', { workflowId: outer });
  await ends(outer, 'SUCCEEDED');

  await define('long', [rest(60)]);
  await define('beside', [{ id: 'both', parallel: [[nested('long')], [rest(1), make('e')]] }]);
  broken.add('e');
  await ends(await start('beside'), 'FAILED');
}

async function undosOfNestedRuns({ define, start, ends, status, broken, held }: Scene): Promise<void> {
  broken.add('f');
  await define('inner-undone', [undoable('g'), make('f')]);
  await define('outer-of-undone', [nested('inner-undone')]);
  await ends(await start('outer-of-undone'), 'FAILED');

  // A nested run that nobody waits for any more is still being undone when its parent has been.
  await define('inner-slow', [undoable('h'), rest(60)]);
  await define('outer-of-slow', [
    undoable('i'),
    nested('inner-slow', { timeoutSeconds: 2, onFailure: 'continue' }),
    make('f'),
  ]);
  const outer = await start('outer-of-slow');
  const inner = await status(outer, ({ steps }) => steps[1]?.workflowId !== undefined);
  const innerId = inner.steps[1]?.workflowId ?? '';
  await status(innerId, ({ steps }) => steps[0]?.status === 'SUCCEEDED');
  let release = (): void => {};
  held.set(
    'h',
    new Promise((resolve) => {
      release = resolve;
    }),
  );
  await ends(outer, 'FAILED');
  release();
  await ends(innerId, 'CANCELLED');
}
