/**
 * The program of an evaluator process: one expression at a time, over IPC. It may be killed at any moment, and a
 * fatal lack of memory ends it and nothing else. Arguments: the id of the parent process, the time for one
 * expression in milliseconds, and perhaps `native`, which adds the functions of Step Functions.
 */
import { Worker } from 'node:worker_threads';
import { RecentMap } from '../base/recent-map.ts';
import type { Evaluated, Request } from './evaluator-process.ts';
import { codeOf, ExpressionError, messageOf, positionOf } from './model/expression-error.ts';
import { prepare } from './model/jsonata.ts';
import { nativeFunctions } from './native-functions.ts';

/** Characters of JSON text that a result may have; what is kept of one is far smaller. */
const longestResult = 4_000_000;

const [parent, timeoutMs, kind] = process.argv.slice(2);
const functions = kind === 'native' ? nativeFunctions : {};
const prepared = new RecentMap<string, ReturnType<typeof prepare>>(100);

function preparedFor(source: string): ReturnType<typeof prepare> {
  const expression = prepared.get(source) ?? prepare(source, Number(timeoutMs), functions);
  prepared.set(source, expression);
  return expression;
}

async function evaluate({ source, bindings }: Request): Promise<Evaluated> {
  try {
    const value = await preparedFor(source).evaluate(bindings);
    if (value === undefined) return {};
    const text = JSON.stringify(value);
    if (text.length > longestResult)
      throw new ExpressionError(`the result has more than ${longestResult} characters`);
    return { text };
  } catch (thrown) {
    return { error: { code: codeOf(thrown), message: messageOf(thrown), position: positionOf(thrown) } };
  }
}

/** An expression that is stuck hears nothing, so a thread of its own looks whether the parent is still there. */
const watch = `setInterval(() => { if (process.ppid !== ${Number(parent)}) process.kill(process.pid, 'SIGKILL'); }, 1000)`;
new Worker(watch, { eval: true, execArgv: [] }).unref();

process.on('SIGINT', () => {}); // The terminal tells everybody; the parent decides when this process ends.
process.on('disconnect', () => process.exit());
process.on('message', (request: Request) => {
  void evaluate(request).then((evaluated) => process.send?.(evaluated));
});
process.send?.({ ready: true });
