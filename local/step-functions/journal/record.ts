/** The lines of the journal: JSON objects told apart by `kind`. */
import * as z from 'zod';
import { Entry } from '../running/entry.ts';

const Header = z.strictObject({ kind: z.literal('step-functions-journal'), version: z.literal(1) });

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
});
export type ClosedRecord = z.infer<typeof Closed>;

/** An entry of the execution with that number. */
const EntryRecord = Entry.extend({ kind: z.literal('entry'), execution: z.number() });
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
