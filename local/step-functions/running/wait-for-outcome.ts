/** Waits for the end of a task within its time-out and its heartbeat. */
import type { Call, Failure, Frame } from './frame.ts';
import { type Run, suspend } from './run.ts';

/** `recorded`: a callback has written the end of the task itself. */
export type Outcome = { readonly value: unknown } | Failure | 'timed out' | 'heartbeat missed' | 'recorded';

export type Settle = (outcome: Outcome) => void;

export interface Waiting {
  readonly call: Call;
  /** From when the time-out counts, in epoch milliseconds. */
  readonly from: number;
}

const nothing = (): void => undefined;

/** `arm` begins what may settle it, never at once, and returns what to do when the waiting is over. */
export function waitForOutcome(
  run: Run,
  frame: Frame,
  { call, from }: Waiting,
  arm: (settle: Settle) => () => void,
): Promise<Outcome> {
  return suspend<Outcome>(frame, (settle) => {
    frame.wake = () => settle('recorded');
    const ends = [limit(run, { call, from }, settle), heartbeats(run, call, settle), arm(settle)];
    return () => {
      for (const end of ends) end();
    };
  });
}

function limit({ services }: Run, { call, from }: Waiting, settle: Settle): () => void {
  if (call.timeoutSeconds === undefined) return nothing;
  return services.timers.at(from + call.timeoutSeconds * 1000, () => settle('timed out'));
}

/** Only who has a token can send heartbeats, so only such a task can miss one. */
function heartbeats({ services }: Run, call: Call, settle: Settle): () => void {
  const { heartbeatSeconds, token } = call;
  if (heartbeatSeconds === undefined || token === undefined) return nothing;
  const dueAt = (): number => call.heardAt + heartbeatSeconds * 1000;
  let cancel = nothing;
  const watch = (): void => {
    cancel = services.timers.at(dueAt(), () =>
      dueAt() <= Date.now() ? settle('heartbeat missed') : watch(),
    );
  };
  watch();
  return () => cancel();
}
