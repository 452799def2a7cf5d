/**
 * The records of the journal: JSON objects told apart by `kind`. `kind` comes first in a line, then the number of the
 * execution where there is one, so that compaction tells lines apart without parsing them (any order is read).
 */
import * as z from 'zod';
import { Entry } from '../running/entry.ts';

/** Version 1 had no checksums, and no places of entries. */
const Header = z.strictObject({
  kind: z.literal('step-functions-journal'),
  version: z.union([z.literal(1), z.literal(2)]),
});

const Revision = z.strictObject({ kind: z.literal('revision'), id: z.string(), definition: z.string() });

const MachineRecord = z.strictObject({
  kind: z.literal('machine'),
  arn: z.string(),
  name: z.string(),
  roleArn: z.string(),
  revisionId: z.string(),
  /** Epoch milliseconds. */
  creationDate: z.number(),
  updateDate: z.number().optional(),
  tags: z.array(z.strictObject({ key: z.string(), value: z.string() })),
});
export type MachineRecord = z.infer<typeof MachineRecord>;

const MachineDeleted = z.strictObject({ kind: z.literal('machine-deleted'), arn: z.string() });

const start = {
  number: z.number(),
  arn: z.string(),
  name: z.string(),
  machineArn: z.string(),
  machineName: z.string(),
  roleArn: z.string(),
  revisionId: z.string(),
  inputText: z.string(),
  startDate: z.number(),
  /** When the revision was made, for one that an update made; epoch milliseconds. */
  machineUpdateDate: z.number().optional(),
  startedBy: z.string().optional(),
};

const StartRecord = z.strictObject({ kind: z.literal('start'), ...start });
export type StartRecord = z.infer<typeof StartRecord>;

/** What is kept of an execution that ended before the journal was last compacted. */
const Closed = z.strictObject({
  kind: z.literal('closed'),
  ...start,
  status: z.enum(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']),
  stopDate: z.number(),
  outputText: z.string().optional(),
  error: z.string().optional(),
  cause: z.string().optional(),
  redriveCount: z.number().optional(),
  redriveDate: z.number().optional(),
});
export type ClosedRecord = z.infer<typeof Closed>;

/** An entry of the execution with that number; `n` is its place among the entries of the execution, from 0. */
const EntryRecord = z.object({
  kind: z.literal('entry'),
  execution: z.number(),
  n: z.number().optional(),
  ...Entry.shape,
});
export type EntryRecord = z.infer<typeof EntryRecord>;

export const JournalRecord = z.discriminatedUnion('kind', [
  Header,
  Revision,
  MachineRecord,
  MachineDeleted,
  StartRecord,
  Closed,
  EntryRecord,
]);
export type JournalRecord = z.infer<typeof JournalRecord>;

/** The first record of every journal. */
export const journalHeader: JournalRecord = { kind: 'step-functions-journal', version: 2 };
