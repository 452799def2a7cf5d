/**
 * Starts the child of an order and stays with it until it, and all that it has forked, has ended. One that ends by itself
 * is told of at once and is not started again: whether to do that is for others to say.
 */
import { rmSync } from 'node:fs';
import { identityOf } from '../../../../base/process-identity.ts';
import { lastLines } from '../last-lines.ts';
import { signalGroup } from '../process-group.ts';
import type { RunnerAnswer, RunnerOrder } from '../runner-order.ts';
import { type StartFiles, startFiles } from '../start-files.ts';
import type { StartRecord } from '../start-record.ts';
import { type Child, NotStarted } from './child.ts';
import { claim } from './claim.ts';
import { type Control, openControl } from './control.ts';
import { live } from './life.ts';
import { keepNotes, type Notes } from './notes.ts';
import { type Output, openOutput } from './output.ts';
import { startService } from './start-service.ts';

/** How often it looks whether its folder is still there. */
const lookMs = 3_000;
/** What is closed may take so long until it is. */
const lastMs = 1_000;
const mostLastLines = 20;
const longestLastLine = 500;

interface Surrounding {
  readonly order: RunnerOrder;
  readonly files: StartFiles;
  readonly control: Control;
  readonly notes: Notes;
  readonly output: Output;
  /** Calls back when it is asked to end, and at once where it was. */
  onStop(stop: () => void): void;
}

export async function supervise(order: RunnerOrder): Promise<RunnerAnswer> {
  const files = startFiles(order.instances, order.key);
  const stops = stopRequests();
  const control = await openControl(order.instances, (line) => {
    if (line === 'stop') stops.ask();
  });
  const { token, service, id } = order;
  const runner = identityOf(process.pid);
  const first: StartRecord = { token, service, id, runner, socket: control.path };
  if (!claim(order.instances, files, first)) {
    control.close();
    return { kind: 'taken' };
  }
  const notes = keepNotes(files, first, control);
  return await begin({ order, files, control, notes, output: openOutput(files), onStop: stops.told });
}

/** Of one that cannot be started nothing is kept: the same token may be started again. */
async function begin(surrounding: Surrounding): Promise<RunnerAnswer> {
  const { order, files, control, output } = surrounding;
  try {
    await stayWith(surrounding);
    return { kind: 'started' };
  } catch (error) {
    rmSync(files.folder, { recursive: true, force: true });
    control.close();
    output.close();
    if (error instanceof NotStarted) return error.answer;
    return { kind: 'failed', why: `${order.command[0]} was not started: ${String(error)}` };
  }
}

/** Resolves when the child runs. */
async function stayWith({ order, files, control, notes, output, onStop }: Surrounding): Promise<void> {
  const { child, url, bridge } = await startService(order, output);
  notes.add({ child: identityOf(child.pid), url });
  const life = live(child, order.stopGraceSeconds);
  const stop = (): void => {
    notes.add({ stopping: true });
    life.stop();
  };
  const looking = setInterval(() => {
    if (!notes.areKept()) life.stop();
  }, lookMs);
  const ended = (how: string): void => {
    clearInterval(looking);
    output.close();
    notes.add({ ended: { atMs: Date.now(), how, lastLines: shortened(lastLines(files, mostLastLines)) } });
    control.close();
    // Whoever holds on to what is closed keeps no runner.
    setTimeout(() => process.exit(), lastMs).unref();
  };
  void life.died.then((how) => bridge?.end(how));
  void life.over.then(ended);
  onStop(stop);
  endWithRunner(child, output, ended);
}

const shortened = (lines: readonly string[]): string[] =>
  lines.map((line) => (line.length > longestLastLine ? `${line.slice(0, longestLastLine)}…` : line));

/** A fault of ours takes the child along: nobody would hear what it says, or end it. */
function endWithRunner(child: Child, output: Output, ended: (how: string) => void): void {
  process.once('uncaughtException', (error) => {
    output.write(`${error.stack ?? error.message}\n`);
    signalGroup(child.pid, 'SIGKILL');
    ended(`with its runner: ${error.message}`);
    process.exitCode = 1;
  });
}

/** Over the socket, and by a signal to the runner, as when the machine is shut down. */
function stopRequests() {
  let asked = false;
  let stop = (): void => undefined;
  const ask = (): void => {
    asked = true;
    stop();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, ask);
  return {
    ask,
    told(act: () => void): void {
      stop = act;
      if (asked) act();
    },
  };
}
