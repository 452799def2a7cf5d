/** Stands in for what is loaded when it is first used: what a first answer does not need costs it nothing. */
import { once } from './once.ts';

type Answer = Promise<unknown> | AsyncIterable<unknown>;

type LateMethods<T> = {
  readonly [Name in keyof T]: Name extends 'close'
    ? () => void | Promise<void>
    : (...parameters: never[]) => Answer;
};

/**
 * An object of methods, or a function, that is loaded with its first call. Methods answer with promises or are iterated;
 * `close` loads nothing, and what is loaded after it is closed at once. The object has no properties of its own, so it
 * cannot be spread.
 */
export function late<T extends object & LateMethods<T>>(load: () => Promise<T>): T {
  const { loaded, close } = closing(load);
  const methods = new Map<PropertyKey, unknown>([['close', close]]);
  const methodOf = (name: PropertyKey) => {
    const method = (...parameters: unknown[]) =>
      iterable(
        loaded().then((object): unknown => Reflect.apply(Reflect.get(object, name), undefined, parameters)),
      );
    methods.set(name, method);
    return method;
  };
  return new Proxy(
    Object.setPrototypeOf(() => undefined, null),
    {
      apply: async (_target, _self, parameters: unknown[]) => {
        const call: unknown = await loaded();
        return typeof call === 'function' ? Reflect.apply(call, undefined, parameters) : undefined;
      },
      // It is no promise: whoever returns it from an asynchronous function does not load it.
      get: (_target, name) => (name === 'then' ? undefined : (methods.get(name) ?? methodOf(name))),
    },
  );
}

/** Loads it once; after `close` it is closed as soon as it is there. */
function closing<T extends object>(load: () => Promise<T>) {
  const get = once(load);
  let loading: Promise<T> | undefined;
  let closed = false;
  return {
    async loaded(): Promise<T> {
      loading = get();
      const object = await loading;
      if (closed) await closeOf(object);
      return object;
    },
    async close(): Promise<void> {
      closed = true;
      const object = await loading?.catch(() => undefined);
      if (object) await closeOf(object);
    },
  };
}

async function closeOf(object: object): Promise<void> {
  if ('close' in object && typeof object.close === 'function') await object.close();
}

/** A promise of what a method gives; where that is a sequence, it can be iterated at once. */
const iterable = (answer: Promise<unknown>) =>
  Object.assign(answer, {
    async *[Symbol.asyncIterator]() {
      const values = await answer;
      if (isAsyncIterable(values)) yield* values;
    },
  });

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
