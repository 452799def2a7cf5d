/**
 * Writes a record so that its service is found by its tags: what makes it found is there before the record says so, and
 * goes after the record does not. So a crash leaves at most a tag that the record does not have, and whoever finds the
 * service by it looks at its versions.
 */
import { type ServiceRecord, tagsOf } from './model/services.ts';
import type { ServiceStore } from './store/service-store.ts';

/** False, as the store says, when the record is no longer the one that is replaced. */
export async function putRecord(
  services: ServiceStore,
  earlier: ServiceRecord | undefined,
  next: ServiceRecord,
): Promise<boolean> {
  const [had, has] = [earlier ? tagsOf(earlier) : [], tagsOf(next)];
  await services.tag(
    next.name,
    has.filter((tag) => !had.includes(tag)),
    next.revision,
  );
  if (!(await services.put(next, earlier?.revision))) return false;
  await services.untag(
    next.name,
    had.filter((tag) => !has.includes(tag)),
    next.revision,
  );
  return true;
}
