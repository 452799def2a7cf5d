/** What a role allows that was put; a role that there is not, or no more, allows nothing. */
import type { Clock } from '../base/clock.ts';
import { RecentMap } from '../base/recent-map.ts';
import type { Caller } from './model/access.ts';
import { isBuiltIn } from './model/role.ts';
import type { RoleStore } from './store/role-store.ts';

export interface RightsOptions {
  readonly roles: Pick<RoleStore, 'get'>;
  readonly clock: Clock;
  /** How long a role is kept after it was read; 0: not at all. */
  readonly keptMs: number;
}

/** The caller with its rights. */
export type FindRights = <T extends Caller>(caller: T) => Promise<T>;

const mostKept = 100;

export function createFindRights({ roles, clock, keptMs }: RightsOptions): FindRights {
  const kept = new RecentMap<string, { readonly operations: readonly string[]; readonly atMs: number }>(
    mostKept,
  );
  const operationsOf = async (name: string): Promise<readonly string[]> => {
    const known = kept.get(name);
    if (known !== undefined && clock.now() - known.atMs < keptMs) return known.operations;
    const atMs = clock.now();
    const operations = (await roles.get(name))?.operations ?? [];
    if (keptMs > 0) kept.set(name, { operations, atMs });
    return operations;
  };
  return async (caller) =>
    isBuiltIn(caller.role) ? caller : { ...caller, operations: await operationsOf(caller.role) };
}
