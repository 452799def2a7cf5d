/** An object with some of its methods replaced; one that is loaded late cannot be spread. */
export const replacing = <T extends object>(object: T, methods: Partial<T>): T =>
  new Proxy(object, {
    get: (target, name) => Reflect.get(Object.hasOwn(methods, name) ? methods : target, name),
  });
