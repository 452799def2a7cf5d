/**
 * When what runs by a schedule ran last, in the telemetry table: pk `SWEEP`, sk its name. It is written down once a minute
 * at most, so that somebody sees when it does not run any more.
 */
import * as z from 'zod';
import type { Table } from '../../aws/table.ts';
import type { Clock } from '../../base/clock.ts';

export const SweepMark = z.object({
  name: z.string(),
  ranAtMs: z.number().int(),
  /** How often it is to run. */
  everySeconds: z.number(),
});
export type SweepMark = z.infer<typeof SweepMark>;

const partition = 'SWEEP';
const pauseMs = 55_000;

export type SweepMarks = ReturnType<typeof createSweepMarks>;

export function createSweepMarks(table: Table, clock: Clock) {
  const written = new Map<string, number>();
  return {
    /** Whether it was written down. */
    async ran(name: string, everySeconds: number): Promise<boolean> {
      const ranAtMs = clock.now();
      if (ranAtMs - (written.get(name) ?? 0) < pauseMs) return false;
      written.set(name, ranAtMs);
      await table.put({ pk: partition, sk: name, schemaVersion: 1, name, ranAtMs, everySeconds });
      return true;
    },
    async all(): Promise<SweepMark[]> {
      const items = await table.queryAll({ pk: partition });
      return items.map((item) => SweepMark.parse(item));
    },
  };
}
