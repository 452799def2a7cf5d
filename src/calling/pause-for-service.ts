/** A wait for an instance of a service: it ends early when there is news of the service, and when the signal aborts. */
import { createBell } from '../base/bell.ts';
import { OrchestratorError } from '../base/errors.ts';
import type { InstanceNews } from '../instances/instance-news.ts';

interface Waiting {
  readonly service: string;
  readonly ms: number;
  readonly signal?: AbortSignal | undefined;
}

/** Rejects with `execution.cancelled` when the signal aborts. */
export async function pauseForService(
  instanceNews: InstanceNews | undefined,
  { service, ms, signal }: Waiting,
): Promise<void> {
  const bell = createBell(signal);
  const stopListening = instanceNews?.changed.listen((changed) => {
    if (changed === service) bell.ring();
  });
  try {
    await bell.within(ms);
  } finally {
    stopListening?.();
    bell.close();
  }
  if (signal?.aborted)
    throw new OrchestratorError(
      'execution.cancelled',
      'The execution ended while the service could not be called',
      { effect: 'none' },
    );
}
