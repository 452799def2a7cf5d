/** Risk: what was going to end an execution is written only after a retry, and ends the execution that goes on. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cancelExecution, terminateExecution } from '../../src/executions/cancel-execution.ts';
import { recordEnd } from '../../src/executions/close-execution.ts';
import type { ObservedEnd } from '../../src/executions/model/execution-end.ts';
import { retryExecution } from '../../src/executions/retry-execution.ts';
import { sweep } from '../../src/executions/sweep.ts';
import { undoTurn } from '../../src/executions/undo-execution.ts';
import { type ScriptedService, startScriptedService } from '../system/scripted-service.ts';
import { eventually, type Ring, type RingContext, startRing } from './execution-ring.ts';
import { mcpScript, toolFailure } from './mcp-script.ts';

type Mode = 'hangs' | 'fails' | 'works';

let ring: Ring;
let service: ScriptedService;
let mode: Mode = 'works';

beforeAll(async () => {
  ring = await startRing({ endsArrive: false });
  service = await startScriptedService(
    mcpScript(() => {
      if (mode === 'hangs') return undefined;
      return mode === 'fails' ? toolFailure('no') : { content: [], structuredContent: { ok: true } };
    }),
  );
  await ring.register('store', 'mcp', service.url);
  const call = { id: 'work', call: { service: 'store', tool: 'add', arguments: {} } };
  const compensate = { service: 'store', tool: 'remove', arguments: {} };
  await ring.define({ name: 'plain', steps: [call] });
  await ring.define({ name: 'undoable', steps: [{ ...call, compensate }] });
}, 60_000);

afterAll(async () => {
  await ring.close();
  await service.close();
});

/** A context whose next write that ends, or begins to end, an execution waits until it is let go. */
function holdingEnds() {
  const { executions } = ring.context;
  let letGo = (): void => {};
  const released = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let reach = (): void => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const markClosed: typeof executions.markClosed = async (...written) => {
    reach();
    await released;
    return executions.markClosed(...written);
  };
  const beginClosing: typeof executions.beginClosing = async (id, closing) => {
    if (closing.status === 'COMPENSATING') {
      reach();
      await released;
    }
    return executions.beginClosing(id, closing);
  };
  const context: RingContext = { ...ring.context, executions: { ...executions, markClosed, beginClosing } };
  return { context, reached, letGo };
}

async function startedIn(workflow: string, how: Mode): Promise<string> {
  mode = how;
  const calls = service.seen.length;
  const { id, executionArn } = await ring.start(workflow);
  await eventually(async () => {
    if (how === 'hangs') return service.seen.length > calls || undefined;
    return (await ring.context.stepFunctions.describe(executionArn))?.status === 'FAILED' || undefined;
  });
  return id;
}

const read = (id: string) => ring.context.executions.get(id);

async function retried(id: string, how: Mode): Promise<void> {
  mode = how;
  const calls = service.seen.length;
  expect(await retryExecution(ring.context, id)).toMatchObject({ stored: 'RUNNING', redriveCount: 1 });
  await eventually(() => service.seen.length > calls || undefined);
}

const failed: ObservedEnd = { status: 'FAILED', error: 'service.tool-failed', redriveCount: 0 };
const aborted: ObservedEnd = { status: 'ABORTED', redriveCount: 0 };

const ways: [string, string, Mode, ObservedEnd, (id: string) => Promise<unknown>][] = [
  ['terminated', 'plain', 'hangs', aborted, (id) => terminateExecution(ring.context, id)],
  ['failed', 'plain', 'fails', failed, (id) => recordEnd(ring.context, id, failed)],
  ['failed, with undos,', 'undoable', 'fails', failed, (id) => recordEnd(ring.context, id, failed)],
];

it.each(ways)(
  'an end event of the try that %s leaves the retry open, which ends with its own end',
  async (_how, workflow, first, event, endIt) => {
    const id = await startedIn(workflow, first);
    const stale = holdingEnds();
    const written = recordEnd(stale.context, id, event);
    await stale.reached;
    await endIt(id);
    await ring.ended(id);
    await retried(id, 'works');
    stale.letGo();
    await written;
    expect(await read(id)).toMatchObject({ stored: 'RUNNING', redriveCount: 1 });
    expect((await read(id))?.closingAt).toBeUndefined();
    await eventually(async () => {
      await sweep(ring.context, { olderThanMs: -1000 });
      return (await read(id))?.closedAt;
    });
    expect(await read(id)).toMatchObject({ stored: 'SUCCEEDED', redriveCount: 1 });
  },
);

it.each([
  ['cancel', 'CANCELLED', cancelExecution],
  ['terminate', 'TERMINATED', terminateExecution],
] as const)(
  'a %s that a retry came in between of ends the retry, and its machine',
  async (_what, end, ask) => {
    const id = await startedIn('plain', 'hangs');
    const late = holdingEnds();
    const answered = ask(late.context, id);
    await late.reached;
    await ask(ring.context, id);
    await retried(id, 'hangs');
    late.letGo();
    expect(await answered).toMatchObject({ stored: end, redriveCount: 1 });
    const ended = await ring.ended(id);
    expect(ended).toMatchObject({ stored: end, redriveCount: 1 });
    expect((await ring.context.stepFunctions.describe(ended.executionArn))?.status).toBe('ABORTED');
  },
);

it('a turn of undoing that is repeated after a retry undoes and ends nothing', async () => {
  const id = await startedIn('undoable', 'fails');
  await recordEnd(ring.context, id, failed);
  await ring.ended(id);
  await retried(id, 'hangs');
  const turn = await undoTurn(ring.context, { executionId: id, owner: `undo-${id}` });
  expect(turn.next).toBe('done');
  expect((await read(id))?.stored).toBe('RUNNING');
  expect(await terminateExecution(ring.context, id)).toMatchObject({ stored: 'TERMINATED' });
});
