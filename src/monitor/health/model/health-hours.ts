/** What changes of health come to, hour by hour: since health stays as it is between two changes, nothing else is kept. */
import * as z from 'zod';
import type { InstanceHealth } from '../../../instances/model/instances.ts';
import type { HealthChange } from './health-change.ts';

export const HealthHour = z.object({
  hour: z.string().describe('ISO time at which it begins'),
  changes: z.number().int(),
  healthySeconds: z.number().int().describe('Of all instances that were known, added up'),
  unhealthySeconds: z.number().int().describe('UNHEALTHY or UNREACHABLE, likewise'),
});
export type HealthHour = z.infer<typeof HealthHour>;

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

const hourMs = 3_600_000;

/** One that has not changed in the window. */
export interface Steady {
  readonly health: InstanceHealth;
  readonly sinceMs: number;
}

/** From changes in any order. What an instance was before its first change that is known, that change says. */
export function healthHours(
  { changes, steady }: { readonly changes: readonly HealthChange[]; readonly steady: readonly Steady[] },
  window: Window,
): HealthHour[] {
  const changing = [...byInstance(changes).values()].flatMap((own) => spansOf(own, window));
  const spans = [
    ...changing,
    ...steady.map(({ health, sinceMs }) => ({ health, fromMs: sinceMs, toMs: window.toMs })),
  ];
  const hours: HealthHour[] = [];
  for (let at = Math.floor(window.fromMs / hourMs) * hourMs; at < window.toMs; at += hourMs) {
    const within = { fromMs: Math.max(at, window.fromMs), toMs: Math.min(at + hourMs, window.toMs) };
    const secondsOf = (...healths: string[]): number =>
      Math.round(
        spans
          .filter(({ health }) => healths.includes(health))
          .reduce((sum, span) => sum + overlapMs(span, within), 0) / 1000,
      );
    hours.push({
      hour: new Date(at).toISOString(),
      changes: changes.filter((change) => isWithin(Date.parse(change.at), within)).length,
      healthySeconds: secondsOf('HEALTHY'),
      unhealthySeconds: secondsOf('UNHEALTHY', 'UNREACHABLE'),
    });
  }
  return hours;
}

interface Span extends Window {
  readonly health: string;
}

function spansOf(changes: readonly HealthChange[], { fromMs, toMs }: Window): Span[] {
  const ordered = [...changes].sort((a, b) => (a.at < b.at ? -1 : 1));
  const [first] = ordered;
  if (!first) return [];
  const before = { health: first.before, fromMs, toMs: Date.parse(first.at) };
  const after = ordered.map(({ health, at }, index) => ({
    health,
    fromMs: Date.parse(at),
    toMs: Date.parse(ordered[index + 1]?.at ?? new Date(toMs).toISOString()),
  }));
  return [before, ...after];
}

function byInstance(changes: readonly HealthChange[]): Map<string, HealthChange[]> {
  const groups = new Map<string, HealthChange[]>();
  for (const change of changes) groups.set(change.instance, [...(groups.get(change.instance) ?? []), change]);
  return groups;
}

const overlapMs = (one: Window, other: Window): number =>
  Math.max(0, Math.min(one.toMs, other.toMs) - Math.max(one.fromMs, other.fromMs));

const isWithin = (ms: number, { fromMs, toMs }: Window): boolean => ms >= fromMs && ms < toMs;
