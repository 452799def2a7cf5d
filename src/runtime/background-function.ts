/** A function that no client calls. */
import type { MetricValues } from '../monitor/metrics/metric-values.ts';
import type { Meter } from '../monitor/usage/create-meter.ts';
import { withLogFields } from './log.ts';
import { fieldsOfInvocation, fieldsOfTask } from './log-fields.ts';

export interface BackgroundFunction<Output> {
  (event: unknown, invocation?: unknown): Promise<Output>;
  close(): void;
}

export const backgroundFunction = <Output>(
  run: (event: unknown) => Promise<Output>,
  context: { close(): void },
): BackgroundFunction<Output> => {
  // Lambda calls with its context, local mode with as much of it.
  const handler = (event: unknown, invocation?: unknown): Promise<Output> =>
    withLogFields({ ...fieldsOfInvocation(invocation), ...fieldsOfTask(event) }, () => run(event));
  return Object.assign(handler, { close: () => context.close() });
};

/** One that is a part of traces: what it has to tell of them is told before Lambda freezes it. */
export const tracedFunction = <Output>(
  run: (event: unknown) => Promise<Output>,
  context: { tracesTold(): Promise<void>; close(): void },
): BackgroundFunction<Output> =>
  backgroundFunction((event) => run(event).finally(context.tracesTold), context);

interface Unattended {
  readonly meter?: Pick<Meter, 'settled'> | undefined;
  readonly metrics: Pick<MetricValues, 'publish'> | undefined;
  readonly tracesTold?: () => Promise<void>;
  close(): void;
}

/** One for whose answer nobody waits: what it counted, measured and traced is written before Lambda freezes it. */
export const unattendedFunction = <Output>(
  run: (event: unknown) => Promise<Output>,
  context: Unattended,
): BackgroundFunction<Output> =>
  backgroundFunction(
    (event) =>
      run(event).finally(async () => {
        await context.meter?.settled();
        await context.metrics?.publish();
        await context.tracesTold?.();
      }),
    context,
  );
