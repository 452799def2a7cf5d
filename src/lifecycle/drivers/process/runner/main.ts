/**
 * The program of a runner. It reads on its standard input what to run, answers on its standard output once that has
 * begun, and goes on until what it runs has ended, whether or not its parent still runs. One that is told nothing waits, and
 * ends with its parent or when its program is deleted. Nothing here parses by zod: a runner begins fast and stays small,
 * and only its parent speaks to it.
 */
import { existsSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { RunnerAnswer, RunnerOrder } from '../runner-order.ts';
import { supervise } from './supervise.ts';

async function orderFrom(input: NodeJS.ReadStream): Promise<RunnerOrder | undefined> {
  let text = '';
  for await (const piece of input.setEncoding('utf8')) text += String(piece);
  try {
    return JSON.parse(text);
  } catch {
    // Its parent has died before it had said all.
    return undefined;
  }
}

function answer(said: RunnerAnswer): void {
  try {
    writeSync(1, `${JSON.stringify(said)}\n`);
  } catch {
    // Nobody hears it any more: what has begun goes on.
  }
}

const lookMs = 3_000;
const program = fileURLToPath(import.meta.url);
const looking = setInterval(() => {
  if (!existsSync(program)) process.exit();
}, lookMs).unref();

process.on('SIGHUP', () => undefined);
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);
const order = await orderFrom(process.stdin);
clearInterval(looking);
if (order !== undefined) {
  const said = await supervise(order);
  answer(said);
  if (said.kind !== 'started') process.exit();
}
