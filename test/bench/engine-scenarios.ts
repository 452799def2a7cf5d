/** What the driver asks of a process with an engine alone, and what it answers. */
import * as z from 'zod';

export const Scenario = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('throughput'), seconds: z.number(), journalFile: z.string().optional() }),
  z.object({ kind: z.literal('waiting'), count: z.number(), journalFile: z.string() }),
  z.object({ kind: z.literal('recovery'), count: z.number(), journalFile: z.string() }),
  z.object({ kind: z.literal('map'), items: z.number(), journalFile: z.string() }),
  z.object({ kind: z.literal('compaction'), bytes: z.number(), journalFile: z.string() }),
  z.object({ kind: z.literal('ended'), count: z.number(), journalFile: z.string() }),
]);
export type Scenario = z.infer<typeof Scenario>;

export const Throughput = z.object({ perSecond: z.number(), cpuUsPerState: z.number() });

export const Waiting = z.object({
  count: z.number(),
  /** Resident memory above that of the idle engine. */
  rssBytes: z.number(),
  /** The same after a garbage collection, heap and buffers only. */
  collectedBytes: z.number(),
});

export const Recovery = z.object({ ms: z.number(), running: z.number() });

export const MapCost = z.object({
  items: z.number(),
  ms: z.number(),
  cpuMs: z.number(),
  events: z.number(),
});

export const Compaction = z.object({
  /** Bytes of the journal. */
  before: z.number(),
  after: z.number(),
  ms: z.number(),
  longestStallMs: z.number(),
  usualStallMs: z.number(),
});

export const Ended = z.object({
  count: z.number(),
  /** Heap and buffers after a garbage collection, by which they grew from a fifth of the executions to all of them. */
  grownBytes: z.number(),
  /** Opening what they left, when it was opened once before. */
  openMs: z.number(),
  /** Of a start while they are there, in the median. */
  startUs: z.number(),
});
