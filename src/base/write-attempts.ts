/** The tries of a write that others may get ahead of, with growing pauses of random length between them. */
const tries = 40;
const longestPauseMs = 200;

/** About four seconds in all; who has not succeeded then gives up. */
export async function* writeAttempts({ random }: { readonly random: () => number }): AsyncGenerator<number> {
  for (let turn = 0; turn < tries; turn++) {
    if (turn > 0) await pause(random() * Math.min(longestPauseMs, 10 * turn));
    yield turn;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
