/** What finds the instance that a call goes to, loaded with the first call. */
import { once } from '../domain/once.ts';
import type { ResolverContext, ResolveService } from '../registry/resolve-service.ts';

export function createLateResolver(context: ResolverContext): ResolveService {
  const load = once(async () =>
    (await import('../registry/resolve-service.ts')).createServiceResolver(context),
  );
  return async (reference, tried) => (await load())(reference, tried);
}
