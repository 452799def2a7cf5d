/**
 * The marks that an attempt leaves before its end. A call that may have an effect is marked before it is sent: if nothing
 * more is heard of it, the next invocation knows that there may have been an effect. One that lasts is marked as running.
 */
import type { Attempt, StepRecord } from './model/execution.ts';
import type { SeenStep, StepStore, StepWrite } from './store/step-store.ts';

/** The record is not what it was when the attempt began: another invocation works on the same step. */
export class Overtaken extends Error {}

export interface AttemptMarks {
  /** The attempt lasts. */
  lasting(): Promise<void>;
  /** The call is about to be sent, and may have an effect. Throws `Overtaken`. */
  sending(): Promise<void>;
  /** The service has refused the call, and is waited for. */
  refused(): Promise<void>;
  /** Attempts without an end that no mark has written down. */
  unwritten(): readonly Attempt[];
}

export interface Marked {
  readonly seen: StepRecord | undefined;
  readonly startedAt: string;
  /** The attempt before, where it never ended. */
  readonly interrupted: Attempt | undefined;
  /** What the marks say of the step. */
  readonly write: () => StepWrite;
}

export function createAttemptMarks(
  steps: Pick<StepStore, 'mark'>,
  { seen, startedAt, interrupted, write }: Marked,
): AttemptMarks {
  let expected: SeenStep | undefined = seen && { ...seen, attempts: seen.attempts.length };
  let unwritten = interrupted === undefined ? [] : [interrupted];
  let sending = false;
  let last: Promise<unknown> = Promise.resolve();

  const mark = async (effect: 'none' | 'unknown'): Promise<boolean> => {
    const { record, expiresAtEpochSeconds } = write();
    const marked = { ...record, status: 'RUNNING' as const, runningSince: startedAt, effect };
    const made = await steps.mark({ record: marked, attempts: unwritten, expiresAtEpochSeconds }, expected);
    if (!made) return false;
    const attempts = (expected?.attempts ?? 0) + unwritten.length;
    expected = { status: 'RUNNING', runningSince: startedAt, attempts };
    unwritten = [];
    return true;
  };
  /** One after the other, whatever became of the one before. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn;
    return turn;
  };

  return {
    lasting: () =>
      inTurn(async () => {
        if (!sending) await mark('none');
      }),
    sending: () =>
      inTurn(async () => {
        if (sending) return;
        if (!(await mark('unknown'))) throw new Overtaken('Another invocation works on the same step');
        sending = true;
      }),
    refused: () =>
      inTurn(async () => {
        if (sending) await mark('none');
        sending = false;
      }),
    unwritten: () => unwritten,
  };
}
