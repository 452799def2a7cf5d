/** Expressions that never end or fill the memory: they fail their own state, and nothing else waits for them. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ending, startEngine } from '../contract/local/step-functions/local-engine.ts';
import { startScriptedMcp } from '../system/scripted-mcp.ts';
import { eventually, type Ring, startRing } from './execution-ring.ts';

const endlessRegex = `$match('${'a'.repeat(40)}!', /^(a+)+$/)`;
const runaways = {
  regex: endlessRegex,
  recursion: '($f := function($n) { $f($n + 1) }; $f(0))',
  memory: "$pad('x', 500000000)",
};
/** Where filling the memory takes longer than its time, that is the reason. */
const reasons = [
  'The expression took longer than 2 s',
  'The expression took longer than 2 s',
  'The expression (needed more than 128 MB of memory|took longer than 2 s)',
];

describe('the engine, while expressions run away', () => {
  let engine: Awaited<ReturnType<typeof startEngine>>;
  beforeAll(async () => {
    engine = await startEngine();
  });
  afterAll(() => engine.close());

  const passing = (expression: string) =>
    engine.create({ Only: { Type: 'Pass', Output: `{% ${expression} %}`, End: true } });

  it('goes on answering and running others, and fails the state that each of them is in', async () => {
    const others = {
      plain: await passing("{'n': $states.input.n}"),
      apart: await passing('$map([1..3], function($n) { $n * $n })'),
    };
    const started = [];
    for (const expression of Object.values(runaways)) {
      const machine = await passing(expression);
      started.push({ machine, executionArn: await engine.start(machine, {}) });
    }
    const [first] = started;
    const plain = [];
    for (let n = 0; n < 10; n++) plain.push(await engine.start(others.plain, { n }));
    const apart = await engine.start(others.apart, {});
    for (const executionArn of plain)
      expect(await ending(engine.client, executionArn)).toMatchObject({ status: 'SUCCEEDED' });
    const listed = await engine.client.send(new ListExecutionsCommand({ stateMachineArn: first?.machine }));
    expect(listed.executions?.map(({ status }) => status)).toEqual(['RUNNING']);
    expect(await ending(engine.client, apart)).toMatchObject({ status: 'SUCCEEDED', output: [1, 4, 9] });

    const ended = await Promise.all(started.map(({ executionArn }) => ending(engine.client, executionArn)));
    expect(ended.map(({ status, error }) => [status, error])).toEqual(
      reasons.map(() => ['FAILED', 'States.QueryEvaluationError']),
    );
    for (const [at, expression] of Object.values(runaways).entries()) {
      const [place, reason] = ended[at]?.cause?.split(' threw an error during evaluation. ') ?? [];
      expect(place).toBe(
        "An error occurred while executing the state 'Only' (entered at the event id #2). " +
          `The JSONata expression '${expression}' specified for the field 'Output'`,
      );
      expect(reason).toMatch(new RegExp(`^${reasons[at]}$`));
    }
  }, 60_000);

  it('lets one be caught, in any field', async () => {
    const runaway = `{% ${runaways.recursion} %}`;
    const caught = await engine.create({
      Work: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Arguments: { FunctionName: 'f', Payload: runaway },
        Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Output: "{% 'caught' %}", Next: 'Done' }],
        Next: 'Done',
      },
      Done: { Type: 'Succeed' },
    });
    expect(await ending(engine.client, await engine.start(caught, {}))).toMatchObject({ output: 'caught' });
  }, 30_000);

  it('can be closed', async () => {
    const closing = await startEngine();
    await closing.start(
      await closing.create({ Only: { Type: 'Pass', Output: `{% ${endlessRegex} %}`, End: true } }),
      {},
    );
    await closing.close();
  });
});

describe('run-step, when an expression of the step runs away', () => {
  let ring: Ring;
  beforeAll(async () => {
    ring = await startRing();
  });
  afterAll(() => ring.close());

  it('fails the step with step.expression-failed', async () => {
    const service = await startScriptedMcp(['work'], () => ({ text: `${'a'.repeat(40)}!` }));
    try {
      await ring.register('worker', 'mcp', service.url);
      const call = { service: 'worker', tool: 'work', arguments: {} };
      const select = '{% $match($result.text, /^(a+)+$/) %}';
      const undo = { service: 'worker', tool: 'work', arguments: { text: '{% $pad("x", 500000000) %}' } };
      await ring.define({ name: 'selects', steps: [{ id: 'one', call, select }] });
      await ring.define({ name: 'compensates', steps: [{ id: 'one', call, compensate: undo }] });
      const ended = [];
      for (const workflow of ['selects', 'compensates'])
        ended.push(await ring.ended((await ring.start(workflow)).id));
      expect(ended.map(({ stored, error }) => [stored, error?.code, error?.message])).toEqual([
        [
          'FAILED',
          'step.expression-failed',
          expect.stringMatching(/^steps\[0\]\.select: .* failed: The expression took longer than 1 s/),
        ],
        [
          'FAILED',
          'step.expression-failed',
          // Where filling the memory takes longer than its time, that is the reason.
          expect.stringMatching(
            /^steps\[0\]\.compensate\.arguments\.text: .* failed: The expression (needed more than 128 MB of memory|took longer than 1 s)$/,
          ),
        ],
      ]);
    } finally {
      await service.close();
    }
  }, 60_000);
});

describe('a process that is killed while an expression runs away', () => {
  /** Ids of the processes whose parent is this one, as `ps` tells. */
  async function childrenOf(parent: number): Promise<number[]> {
    const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=']);
    const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
    return rows.flatMap(([pid = 0, ppid]) => (ppid === parent ? [pid] : []));
  }

  const isAlive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  it('leaves no process behind', async () => {
    const module = new URL('../../src/expressions/expression-evaluators.ts', import.meta.url).href;
    const script = `
      const { createExpressionEvaluators } = await import(${JSON.stringify(module)});
      const evaluators = createExpressionEvaluators({ budgetMs: 600_000, memoryMb: 64 });
      await evaluators.evaluate('$sort([2, 1])', {});
      evaluators.evaluate(${JSON.stringify(endlessRegex)}, {});
      setTimeout(() => console.log('running'), 200);`;
    const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(parent.stdout, 'data');
    const children = await childrenOf(parent.pid ?? 0);
    expect(children.filter(isAlive)).not.toEqual([]);
    parent.kill('SIGKILL');
    await eventually(() => (children.some(isAlive) ? undefined : true));
  }, 60_000);
});
