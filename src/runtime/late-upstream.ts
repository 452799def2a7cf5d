/** The registry above this one, for those that seldom ask it: what asks is loaded with the first question. */

import { once } from '../domain/once.ts';
import type { FindUpstream, UpstreamContext } from '../registry/upstream.ts';

/** Undefined where no url is configured. */
export function createLateUpstream({
  url,
  ...context
}: Omit<UpstreamContext, 'url'> & { readonly url: string | undefined }): FindUpstream | undefined {
  if (url === undefined) return undefined;
  const load = once(async () =>
    (await import('../registry/upstream.ts')).createUpstream({ ...context, url }),
  );
  return async (name, versionRange) => (await load())(name, versionRange);
}
