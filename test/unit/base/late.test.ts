/** What stands in for something until it is needed. */
import { describe, expect, it, vi } from 'vitest';
import { late } from '../../../src/base/late.ts';
import { once } from '../../../src/base/once.ts';

/** Counts up, so that two of them would be told apart. */
function createCounter() {
  let count = 0;
  return {
    add: async (by: number) => {
      count += by;
      return count;
    },
    fail: async () => Promise.reject(new Error('it failed')),
  };
}

describe('an object that is loaded late', () => {
  it('is loaded with the first call, once, and is one object in all calls', async () => {
    const load = vi.fn(async () => createCounter());
    const counter = late(load);
    expect(load).not.toHaveBeenCalled();
    expect(await Promise.all([counter.add(1), counter.add(2)])).toEqual([1, 3]);
    expect(await counter.add(4)).toBe(7);
    expect(load).toHaveBeenCalledOnce();
  });

  it('fails as the object does, and stays', async () => {
    const counter = late(async () => createCounter());
    await expect(counter.fail()).rejects.toThrow('it failed');
    expect(await counter.add(1)).toBe(1);
  });

  it('is not loaded by being returned from an asynchronous function', async () => {
    const load = vi.fn(async () => createCounter());
    const counter = await (async () => late(load))();
    expect(load).not.toHaveBeenCalled();
    expect(await counter.add(1)).toBe(1);
  });

  it('is loaded again by the next call when it could not be loaded', async () => {
    const load = vi.fn(async () => createCounter()).mockRejectedValueOnce(new Error('no such file'));
    const counter = late(load);
    await expect(counter.add(1)).rejects.toThrow('no such file');
    expect(await counter.add(1)).toBe(1);
  });
});

describe('what is loaded once', () => {
  it('is loaded once for those who ask while it is being loaded, all of whom hear of a failure', async () => {
    const load = vi.fn(async () => 'loaded').mockRejectedValueOnce(new Error('no such file'));
    const get = once(load);
    const asked = await Promise.allSettled([get(), get()]);
    expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(load).toHaveBeenCalledTimes(1);
    expect([await get(), await get()]).toEqual(['loaded', 'loaded']);
    expect(load).toHaveBeenCalledTimes(2);
  });
});
