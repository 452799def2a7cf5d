import { describe, expect, it } from 'vitest';
import { OrchestratorError } from '../../../src/base/errors.ts';
import { resolveWithin } from '../../../src/calling/call-service.ts';

const target = {
  service: 'gmail',
  version: '1.0.0',
  instance: 'one',
  transport: 'rest',
  url: 'http://one/',
} as const;

/** Every instance rests for the first `times` that are asked. */
function resting(times: number, retryAfterSeconds: number | undefined) {
  let asked = 0;
  return {
    clock: { now: () => Date.now() },
    asked: () => asked,
    async resolveService() {
      asked += 1;
      if (asked > times) return target;
      const extras = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
      throw new OrchestratorError('service.unavailable', 'all rest', extras);
    },
  };
}

describe('a call whose instances all rest', () => {
  it('waits for the end of a rest that is before its deadline', async () => {
    const context = resting(2, 0.1);
    const deadline = Date.now() + 30_000;
    expect(await resolveWithin(context, 'gmail', { deadline })).toEqual(target);
    expect(context.asked()).toBe(3);
  });

  it('fails at once when the rest ends after its deadline, or nobody knows when', async () => {
    for (const seconds of [60, undefined]) {
      const context = resting(1, seconds);
      await expect(resolveWithin(context, 'gmail', { deadline: Date.now() + 30_000 })).rejects.toMatchObject({
        code: 'service.unavailable',
      });
      expect(context.asked()).toBe(1);
    }
  });

  it('waits no longer when it is cancelled', async () => {
    const cancel = new AbortController();
    const waiting = resolveWithin(resting(1, 20), 'gmail', {
      deadline: Date.now() + 60_000,
      signal: cancel.signal,
    });
    setTimeout(() => cancel.abort(), 20);
    await expect(waiting).rejects.toMatchObject({ code: 'execution.cancelled' });
  });
});
