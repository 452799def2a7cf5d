import { once } from './once.ts';

type Methods<T> = { readonly [Name in keyof T]: (...parameters: never[]) => Promise<unknown> };

/**
 * Stands in for an object of asynchronous methods, which is loaded with the first call of one: what a first answer does
 * not need costs it nothing. It has no properties of its own, so it cannot be spread.
 */
export function late<T extends Methods<T>>(load: () => Promise<T>): T {
  const loaded = once(load);
  const methods = new Map<PropertyKey, unknown>();
  const methodOf = (name: PropertyKey) => {
    const method = async (...parameters: unknown[]) =>
      Reflect.apply(Reflect.get(await loaded(), name), undefined, parameters);
    methods.set(name, method);
    return method;
  };
  return new Proxy(Object.create(null), {
    // It is no promise: whoever returns it from an asynchronous function does not load it.
    get: (_target, name) => (name === 'then' ? undefined : (methods.get(name) ?? methodOf(name))),
  });
}
