/** A function that no client calls. */
import { type Log, logWith } from '../base/log.ts';
import type { MetricValues } from '../monitor/metrics/metric-values.ts';
import type { Meter } from '../monitor/usage/create-meter.ts';
import { fieldsOfInvocation, fieldsOfTask } from './log-fields.ts';

export interface BackgroundFunction<Output> {
  (event: unknown, invocation?: unknown): Promise<Output>;
  close(): void;
}

interface Logging {
  readonly log: Log;
  close(): void;
}

/** `context`: that of the function, with a log whose lines say which invocation they are of. */
type Run<Context, Output> = (context: Context, event: unknown) => Promise<Output>;

export const backgroundFunction = <Output, Context extends Logging>(
  run: Run<Context, Output>,
  context: Context,
): BackgroundFunction<Output> => {
  // Lambda calls with its context, local mode with as much of it.
  const handler = (event: unknown, invocation?: unknown): Promise<Output> => {
    const log = logWith(context.log, { ...fieldsOfInvocation(invocation), ...fieldsOfTask(event) });
    return run({ ...context, log }, event);
  };
  return Object.assign(handler, { close: () => context.close() });
};

interface Traced extends Logging {
  readonly tracesTold: () => Promise<void>;
}

/** One that is a part of traces: what it has to tell of them is told before Lambda freezes it. */
export const tracedFunction = <Output, Context extends Traced>(
  run: Run<Context, Output>,
  context: Context,
): BackgroundFunction<Output> =>
  backgroundFunction((known, event) => run(known, event).finally(context.tracesTold), context);

interface Unattended extends Logging {
  readonly meter?: Pick<Meter, 'settled'> | undefined;
  readonly metrics: Pick<MetricValues, 'publish'> | undefined;
  readonly tracesTold?: () => Promise<void>;
}

/** One for whose answer nobody waits: what it counted, measured and traced is written before Lambda freezes it. */
export const unattendedFunction = <Output, Context extends Unattended>(
  run: Run<Context, Output>,
  context: Context,
): BackgroundFunction<Output> =>
  backgroundFunction(
    (known, event) =>
      run(known, event).finally(async () => {
        await context.meter?.settled();
        await context.metrics?.publish();
        await context.tracesTold?.();
      }),
    context,
  );
