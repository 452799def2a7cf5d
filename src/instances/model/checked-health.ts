/**
 * What health checks have made of an instance that nobody here started: one that registered itself, or the url of a
 * registration. The record is written when something changes, and by failed checks until their threshold is reached.
 */
import * as z from 'zod';
import { healthToTell } from './health-to-tell.ts';
import type { JudgedHealth, Thresholds } from './judge-health.ts';
import { judgeHealth } from './judge-health.ts';

export const CheckedHealth = z.object({
  service: z.string(),
  /** Of the instance. */
  id: z.string(),
  /** What was checked: another url is another instance. */
  url: z.string(),
  /** Grows with every write. */
  ver: z.number().int(),
  health: z.enum(['UNKNOWN', 'HEALTHY', 'UNHEALTHY']),
  /** Whether the last change came of an answer; false where there was none. */
  reached: z.boolean(),
  /** Results in a row that speak against the health that it has. */
  contrary: z.number().int(),
  /** Failed checks in a row that were answered where `reached` says that none is, or the other way round. */
  unlike: z.number().int().optional(),
  /** Since when its health is what it is, in milliseconds since the epoch. */
  sinceMs: z.number().int(),
  /** What the check said that made it so. */
  reason: z.string(),
  /** The changes between healthy and unhealthy of the last ten minutes, in milliseconds since the epoch. */
  changesMs: z.array(z.number().int()),
  /** Since when no call goes to it because it changed too often, in milliseconds since the epoch. */
  quarantinedMs: z.number().int().optional(),
  /** When the check was made that was written down last, in milliseconds since the epoch. */
  countedMs: z.number().int().optional(),
  ...healthToTell,
});
export type CheckedHealth = z.infer<typeof CheckedHealth>;

export interface CheckedNow {
  readonly service: string;
  readonly id: string;
  readonly url: string;
  readonly passed: boolean;
  /** Whether it answered at all. */
  readonly reached: boolean;
  readonly why?: string | undefined;
  readonly atMs: number;
  /** Whether it has had the time to become ready. */
  readonly graceOver: boolean;
}

/** So many changes within so long are flapping; and so long it has to be steady until it is called again. */
export const flapping = { changes: 4, withinMs: 600_000 } as const;

/** The record after one more check; the same one where there is nothing to write down. */
export function afterCheck(
  known: CheckedHealth | undefined,
  checked: CheckedNow,
  thresholds: Thresholds,
): CheckedHealth | undefined {
  const next = judged(known, checked, thresholds);
  return next === known || next === undefined ? next : { ...next, countedMs: checked.atMs };
}

function judged(
  known: CheckedHealth | undefined,
  checked: CheckedNow,
  thresholds: Thresholds,
): CheckedHealth | undefined {
  const present = known?.url === checked.url ? known : undefined;
  const before: JudgedHealth = present ?? { health: 'UNKNOWN', contrary: 0 };
  const after = judgeHealth(before, checked, thresholds);
  if (after.health !== before.health) return changed({ present, known }, checked, after);
  if (present === undefined) {
    if (after.contrary === 0) return known;
    return { ...unknown(checked), ver: (known?.ver ?? 0) + 1, contrary: after.contrary };
  }
  if (isSteady(present, checked)) return { ...steady(present), ver: present.ver + 1, ...after };
  const unlike = unlikeAfter(present, checked);
  if (unlike !== undefined && unlike >= thresholds.failuresBeforeUnhealthy)
    return failingOtherwise(present, checked);
  if (after.contrary === present.contrary && unlike === present.unlike) return known;
  const { unlike: _, ...rest } = present;
  return { ...rest, ...after, ver: present.ver + 1, ...(unlike !== undefined && { unlike }) };
}

/** What is unhealthy may stop to answer, or answer again, and fail all the same. */
const unlikeAfter = (
  present: CheckedHealth,
  { passed, reached, graceOver }: CheckedNow,
): number | undefined =>
  present.health !== 'UNHEALTHY' || passed || !graceOver || reached === present.reached
    ? undefined
    : (present.unlike ?? 0) + 1;

const failingOtherwise = (
  { unlike: _, ...present }: CheckedHealth,
  { reached, atMs, why = '' }: CheckedNow,
): CheckedHealth => ({
  ...present,
  ver: present.ver + 1,
  contrary: 0,
  reached,
  sinceMs: atMs,
  reason: why,
});

const unknown = ({ service, id, url, reached, why = '', atMs }: CheckedNow): CheckedHealth => ({
  service,
  id,
  url,
  ver: 1,
  health: 'UNKNOWN',
  reached,
  contrary: 0,
  sinceMs: atMs,
  reason: why,
  changesMs: [],
});

interface Before {
  /** Of the same url. */
  readonly present: CheckedHealth | undefined;
  readonly known: CheckedHealth | undefined;
}

function changed({ present, known }: Before, checked: CheckedNow, { health }: JudgedHealth): CheckedHealth {
  const { atMs, passed, reached, why = '' } = checked;
  const wasKnown = present !== undefined && present.health !== 'UNKNOWN';
  const recent = (present?.changesMs ?? []).filter((ms) => ms > atMs - flapping.withinMs);
  const changesMs = wasKnown ? [...recent, atMs] : recent;
  const quarantinedMs = present?.quarantinedMs ?? (changesMs.length >= flapping.changes ? atMs : undefined);
  return {
    ...unknown(checked),
    ver: (known?.ver ?? 0) + 1,
    health,
    reached,
    reason: passed ? 'its check passes' : why,
    changesMs,
    healthChanges: present?.healthChanges,
    healthToldAt: present?.healthToldAt,
    ...(quarantinedMs !== undefined && { quarantinedMs }),
  };
}

/** Healthy for long enough after it flapped. */
const isSteady = ({ quarantinedMs, health, sinceMs }: CheckedHealth, { passed, atMs }: CheckedNow): boolean =>
  quarantinedMs !== undefined && passed && health === 'HEALTHY' && atMs - sinceMs >= flapping.withinMs;

const steady = ({ quarantinedMs: _, ...record }: CheckedHealth): CheckedHealth => ({
  ...record,
  changesMs: [],
  reason: `its checks have passed for ${flapping.withinMs / 60_000} minutes`,
});

/** Why calls do not go to it, as a sentence; undefined where they may. */
export function whyAvoided({
  health,
  reached,
  reason,
  quarantinedMs,
  changesMs,
}: CheckedHealth): string | undefined {
  if (quarantinedMs !== undefined)
    return `its health changed ${changesMs.length} times within ${flapping.withinMs / 60_000} minutes; it is called again after as long of passing checks`;
  if (health !== 'UNHEALTHY') return undefined;
  return reached ? `it fails its checks: ${reason}` : `it does not answer: ${reason}`;
}
