// @module-tag long
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  CreateStateMachineCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { clientOf, ending, errorName, invoke, roleArn } from './local-engine.ts';

const Message = z.object({ url: z.string() });
const Call = z.object({
  payload: z.object({
    execution: z.string(),
    line: z.string(),
    place: z.number(),
    attempt: z.number(),
    failures: z.number(),
    token: z.string().optional(),
  }),
});
type Payload = z.infer<typeof Call>['payload'];

const kills = 20;
const executions = 200;

/**
 * A service that honours idempotency keys (here the place of a task and its attempt): how often each was called,
 * and what should not have happened. As many keys as tasks means that no effect was lost and none was doubled.
 */
class Ledger {
  readonly calls = new Map<string, number>();
  readonly wrong: string[] = [];
  readonly #furthest = new Map<string, number>();

  answer({ execution, line, place, attempt, failures }: Payload): object {
    const control = `${execution} ${line}`;
    const position = place * 100 + attempt;
    const furthest = this.#furthest.get(control) ?? 0;
    if (position < furthest) this.wrong.push(`${control} went back from ${furthest} to ${position}`);
    this.#furthest.set(control, Math.max(position, furthest));
    const key = `${control} ${position}`;
    this.calls.set(key, (this.calls.get(key) ?? 0) + 1);
    if (attempt < failures)
      return { payload: { errorType: 'Flaky', errorMessage: 'again' }, functionError: 'Unhandled' };
    return { payload: `${line}${place}` };
  }
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Calls back, as often as it takes: the engine is down now and then, and a second callback is refused. */
async function callBack(engineUrl: string, taskToken: string, output: string): Promise<void> {
  const client = clientOf(engineUrl);
  const success = new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) });
  for (let tries = 0; tries < 600; tries++) {
    await pause(50 + Math.random() * 200);
    const name = await errorName(client.send(success));
    if (name === 'no error' || name === 'TaskTimedOut') break;
  }
  client.destroy();
}

interface Functions {
  readonly server: Server;
  readonly url: string;
  /** Where tokens are called back, once it is known. */
  engineUrl: string;
}

async function serve(ledger: Ledger): Promise<Functions> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const { payload } = Call.parse(JSON.parse(Buffer.concat(chunks).toString()));
    const answer = JSON.stringify(ledger.answer(payload));
    const { token, line } = payload;
    if (token !== undefined) void callBack(functions.engineUrl, token, `${line} answered`);
    setTimeout(() => response.end(answer), 15);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const functions: Functions = { server, url: `http://127.0.0.1:${port}`, engineUrl: '' };
  return functions;
}

async function startProcess(journal: string, port: number, functionsUrl: string) {
  const file = new URL('./engine-process.ts', import.meta.url);
  const child = fork(file, [journal, String(port), functionsUrl], { execArgv: ['--import', 'tsx'] });
  const [message] = await once(child, 'message');
  return { child, url: Message.parse(message).url };
}

async function kill(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

interface TaskOptions {
  readonly failures?: number;
  readonly line?: string;
}

/** A task at a place of a line of control; its answer is appended to the variable `seen` of its scope. */
function task(name: string, place: number, next: string | undefined, options: TaskOptions = {}): object {
  const { failures = 0, line = `'${name.slice(0, -1)}'` } = options;
  const payload = {
    execution: '{% $states.context.Execution.Name %}',
    line: `{% ${line} %}`,
    place,
    attempt: '{% $states.context.State.RetryCount %}',
    failures,
  };
  const seen = `seen${name.slice(0, -1)}`;
  const all = `$append($exists($${seen}) ? $${seen} : [], [$states.result.Payload])`;
  return invoke('task', payload, {
    TimeoutSeconds: 30,
    Retry: [
      {
        ErrorEquals: ['Flaky'],
        MaxAttempts: 3,
        IntervalSeconds: 1,
        MaxDelaySeconds: 1,
        JitterStrategy: 'FULL',
      },
    ],
    ...(next === undefined
      ? { Output: `{% ${all} %}`, End: true }
      : { Assign: { [seen]: `{% ${all} %}` }, Output: '{% $states.input %}', Next: next }),
  });
}

const line = (name: string, options?: TaskOptions): object => ({
  StartAt: `${name}1`,
  States: {
    [`${name}1`]: task(`${name}1`, 1, `${name}W`, options),
    [`${name}W`]: { Type: 'Wait', Seconds: 1, Next: `${name}2` },
    [`${name}2`]: task(`${name}2`, 2, `${name}3`, options),
    [`${name}3`]: task(`${name}3`, 3, undefined, options),
  },
});

const payloadOf = (line: string): object => ({
  execution: '{% $states.context.Execution.Name %}',
  line,
  place: 1,
  attempt: 0,
  failures: 0,
});

/** Waits for its callback. */
const asked = {
  ...invoke('task', { ...payloadOf('ask'), token: '{% $states.context.Task.Token %}' }),
  Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
};

const machineArn = (name: string): string => `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;

/** Waits for an execution of another machine. */
const childWaitedFor = {
  Type: 'Task',
  Resource: 'arn:aws:states:::states:startExecution.sync:2',
  Arguments: {
    StateMachineArn: machineArn('child'),
    Name: "{% $states.context.Execution.Name & '-child' %}",
    Input: {},
  },
  Output: '{% $states.result.Output %}',
  End: true,
};

const childDefinition = JSON.stringify({
  QueryLanguage: 'JSONata',
  StartAt: 'Work',
  States: {
    Work: invoke('task', payloadOf('child'), { Output: '{% $states.result.Payload %}', Next: 'Rest' }),
    Rest: { Type: 'Wait', Seconds: 1, End: true },
  },
});

const mapLine = line('m', { line: "'m' & $states.context.Map.Item.Index & '-'" });
const definition = JSON.stringify({
  QueryLanguage: 'JSONata',
  StartAt: 'a1',
  States: {
    a1: task('a1', 1, 'a2', { failures: 2 }),
    a2: task('a2', 2, 'Both'),
    Both: {
      Type: 'Parallel',
      Branches: [
        line('p', { failures: 1 }),
        {
          StartAt: 'Each',
          States: {
            Each: { Type: 'Map', Items: [1, 2, 3], MaxConcurrency: 2, ItemProcessor: mapLine, End: true },
          },
        },
        { StartAt: 'Ask', States: { Ask: asked } },
        { StartAt: 'Child', States: { Child: childWaitedFor } },
      ],
      Assign: { both: '{% $states.result %}' },
      Next: 'a3',
    },
    a3: {
      ...task('a3', 3, undefined),
      Output: '{% {"a": $append($seena, $states.result.Payload), "both": $both} %}',
    },
  },
});

const expected = {
  a: ['a1', 'a2', 'a3'],
  both: [
    ['p1', 'p2', 'p3'],
    [
      ['m0-1', 'm0-2', 'm0-3'],
      ['m1-1', 'm1-2', 'm1-3'],
      ['m2-1', 'm2-2', 'm2-3'],
    ],
    'ask answered',
    'child1',
  ],
};

/** a: 3 + 1 + 1 attempts, p: 3 × 2, m: 3 × 3, the one that asks, and the one of the child. */
const tasksOfOne = 22;

describe('an engine that is killed', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'step-functions-'));
  let engine: Awaited<ReturnType<typeof startProcess>> | undefined;
  let functions: Awaited<ReturnType<typeof serve>> | undefined;
  afterEach(async () => {
    if (engine?.child.exitCode === null) await kill(engine.child);
    functions?.server.closeAllConnections();
    functions?.server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('goes on where it was: every execution ends right, and no task runs again after the next one began', async () => {
    const ledger = new Ledger();
    const journal = path.join(folder, 'journal');
    functions = await serve(ledger);
    engine = await startProcess(journal, 0, functions.url);
    const { url } = engine;
    const port = Number(new URL(url).port);
    const client = clientOf(url);
    functions.engineUrl = url;
    for (const [name, text] of Object.entries({ child: childDefinition, killed: definition }))
      await client.send(new CreateStateMachineCommand({ name, definition: text, roleArn }));
    const stateMachineArn = machineArn('killed');
    const arns: string[] = [];
    for (let round = 0; round < kills; round++) {
      for (let index = 0; index < executions / kills; index++) {
        const started = await client.send(
          new StartExecutionCommand({ stateMachineArn, name: `e${round}-${index}` }),
        );
        arns.push(started.executionArn ?? '');
      }
      await pause(Math.random() * 600);
      await kill(engine.child);
      engine = await startProcess(journal, port, functions.url);
    }
    for (const arn of arns) {
      const { status, output } = await ending(client, arn);
      expect({ arn, status, output }).toEqual({ arn, status: 'SUCCEEDED', output: expected });
    }
    expect(ledger.wrong).toEqual([]);
    expect(ledger.calls.size).toBe(executions * tasksOfOne);
    expect(Math.max(...ledger.calls.values())).toBeLessThanOrEqual(1 + kills);
    client.destroy();
  }, 180_000);
});
