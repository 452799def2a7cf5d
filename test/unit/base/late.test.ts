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

describe('an object that is closed', () => {
  /** Says of itself what was done with it. */
  function createConnection() {
    const done: string[] = [];
    return {
      done,
      connection: {
        send: async (text: string) => {
          done.push(`sent ${text}`);
        },
        close() {
          done.push('closed');
        },
      },
    };
  }

  it('is not loaded for that, and is closed as soon as it is loaded', async () => {
    const { done, connection } = createConnection();
    const load = vi.fn(async () => connection);
    const sender = late(load);
    sender.close();
    expect(load).not.toHaveBeenCalled();
    await sender.send('late');
    expect(done).toEqual(['closed', 'sent late']);
  });

  it('while it is being loaded is closed then', async () => {
    const { done, connection } = createConnection();
    const sender = late(async () => connection);
    const sent = sender.send('now');
    await sender.close();
    await sent;
    expect(done).toContain('closed');
  });

  it('closes nothing when it could not be loaded', async () => {
    const sender = late<{ send(text: string): Promise<void>; close(): void }>(() =>
      Promise.reject(new Error('no such file')),
    );
    await expect(sender.send('it')).rejects.toThrow('no such file');
    await expect(Promise.resolve(sender.close())).resolves.toBeUndefined();
  });
});

describe('what gives a sequence', () => {
  const load = vi.fn(async () => ({
    async *upTo(last: number) {
      for (let number = 1; number <= last; number++) yield number;
    },
    async *broken(): AsyncGenerator<number> {
      yield 1;
      throw new Error('it broke');
    },
  }));

  it('is loaded when it is iterated, and gives it one by one', async () => {
    const numbers: number[] = [];
    for await (const number of late(load).upTo(3)) numbers.push(number);
    expect(numbers).toEqual([1, 2, 3]);
  });

  it('breaks as it does', async () => {
    const iterate = async () => {
      for await (const _number of late(load).broken());
    };
    await expect(iterate()).rejects.toThrow('it broke');
  });
});

describe('a function that is loaded late', () => {
  it('is loaded with its first call, once', async () => {
    const load = vi.fn(async () => async (text: string, times: number) => text.repeat(times));
    const repeat = late(load);
    expect(load).not.toHaveBeenCalled();
    expect(await Promise.all([repeat('a', 2), repeat('b', 3)])).toEqual(['aa', 'bbb']);
    expect(load).toHaveBeenCalledOnce();
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
