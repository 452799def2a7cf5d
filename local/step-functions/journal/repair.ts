/**
 * Repairs a damaged journal: what is whole is written to a file beside it, with an end for each execution that cannot
 * go on, and that file takes its place. The damaged one is kept under another name, with a report of what was lost.
 */
import { closeSync, copyFileSync, fsyncSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { copyPath } from './compacted-copy.ts';
import type { Fate } from './incomplete-execution.ts';
import { type LostRecord, readJournal } from './read-journal.ts';
import { type JournalRecord, journalHeader } from './record.ts';
import { recordLine } from './record-line.ts';
import type { RestoredEngine } from './restored-engine.ts';

export interface DamagedExecution {
  readonly number: number;
  /** Absent when its start was lost. */
  readonly arn?: string | undefined;
  readonly what: string;
}

export interface JournalDamage {
  /** What was lost, by line of the damaged file. */
  readonly lost: readonly LostRecord[];
  readonly executions: readonly DamagedExecution[];
  /** Arns of machines that are not known any more. */
  readonly machines: readonly string[];
  /** Where the damaged journal is kept. */
  readonly kept: string;
}

const told: Readonly<Record<Fate['kind'], string>> = {
  forgotten: 'its start was lost: it is not known any more, and may be started again under its name',
  outcome: 'its history was lost, not how it ended',
  failed: 'it was ended as FAILED: what happened after a damaged record is not known',
  'as it ended': 'it had ended: what came after was lost',
};
const mayHaveLost = 'may have lost its last record: it goes on from the one before';
const sliceBytes = 1 << 18;

class Writer {
  readonly #file: number;
  #text = '';

  constructor(path: string) {
    this.#file = openSync(path, 'w');
  }

  write(record: JournalRecord): void {
    this.#text += recordLine(record);
    if (this.#text.length > sliceBytes) this.#flush();
  }

  close(): void {
    this.#flush();
    fsyncSync(this.#file);
    closeSync(this.#file);
  }

  #flush(): void {
    const bytes = Buffer.from(this.#text);
    this.#text = '';
    for (let offset = 0; offset < bytes.length; ) offset += writeSync(this.#file, bytes, offset);
  }
}

type Fates = ReadonlyMap<number, Fate>;

function isKept(record: JournalRecord, fates: Fates, entries: Map<number, number>): boolean {
  if (record.kind === 'step-functions-journal') return false;
  if (record.kind !== 'entry' && record.kind !== 'start' && record.kind !== 'closed') return true;
  const number = record.kind === 'entry' ? record.execution : record.number;
  const fate = fates.get(number);
  if (fate === undefined) return true;
  if (!('kept' in fate)) return false;
  if (record.kind !== 'entry') return true;
  const before = entries.get(number) ?? 0;
  entries.set(number, before + 1);
  return before < fate.kept;
}

function* endsOf(fates: Fates, machines: readonly string[]): Generator<JournalRecord> {
  for (const fate of fates.values()) {
    if (fate.kind === 'outcome') yield fate.record;
    if (fate.kind === 'failed') yield fate.closing;
  }
  for (const arn of machines) yield { kind: 'machine-deleted', arn };
}

async function writeRepaired(file: string, to: string, rest: { fates: Fates; machines: readonly string[] }) {
  const writer = new Writer(to);
  const entries = new Map<number, number>();
  writer.write(journalHeader);
  await readJournal(file, {
    record: (record) => {
      if (isKept(record, rest.fates, entries)) writer.write(record);
    },
    lost: () => undefined,
  });
  for (const record of endsOf(rest.fates, rest.machines)) writer.write(record);
  writer.close();
}

/** Machines of which the record, or the definition, was lost. */
function lostMachines({ machines, revisions }: RestoredEngine, lost: readonly LostRecord[]): string[] {
  const damaged = lost.flatMap(({ subject }) => (subject?.startsWith('m:') ? [subject.slice(2)] : []));
  const undefinedOnes = [...machines.values()].filter(({ revisionId }) => !revisions.has(revisionId));
  const all = [...damaged.filter((arn) => !machines.has(arn)), ...undefinedOnes.map(({ arn }) => arn)];
  return [...new Set(all)];
}

const stamp = (now: number): string => new Date(now).toISOString().replaceAll(/[:.]/g, '-');

/** Call it when all is read. The journal is whole then, and is to be read again. */
export async function repairJournal(
  file: string,
  restored: RestoredEngine,
  lost: readonly LostRecord[],
): Promise<JournalDamage> {
  const now = Date.now();
  const inDoubt = restored.inDoubt();
  const fates = new Map([...restored.incomplete].map(([number, one]) => [number, one.fate(now)]));
  const machines = lostMachines(restored, lost);
  const arnOf = (number: number): string | undefined =>
    restored.incomplete.get(number)?.arn ?? lost.find(({ subject }) => subject === String(number))?.arn;
  const executions = [
    ...[...fates].map(([number, { kind }]) => ({ number, arn: arnOf(number), what: told[kind] })),
    ...inDoubt.map(({ start: { number, arn } }) => ({ number, arn, what: mayHaveLost })),
  ];
  const damage = { lost, executions, machines, kept: `${file}.damaged-${stamp(now)}` };
  copyFileSync(file, damage.kept);
  await writeRepaired(file, copyPath(file), { fates, machines });
  writeFileSync(`${damage.kept}.json`, `${JSON.stringify(damage, null, 2)}\n`);
  renameSync(copyPath(file), file);
  return damage;
}

const listed = 20;

/** For the operator, at the start. */
export function damageText(file: string, { lost, executions, machines, kept }: JournalDamage): string {
  const lines = executions
    .slice(0, listed)
    .map(({ number, arn, what }) => `  ${arn ?? `number ${number}`}: ${what}`);
  const more = executions.length - lines.length;
  const where = lost[0] === undefined ? '' : `, the first on line ${lost[0].line}`;
  return [
    `The journal ${file} was damaged: ${lost.length} records could not be read${where}.`,
    `The engine goes on with all others. The damaged file is kept as ${kept}, and what was lost is listed in ${kept}.json.`,
    ...(executions.length > 0
      ? [`${executions.length} executions are affected:`, ...lines]
      : ['No execution is affected.']),
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...machines.map((arn) => `  ${arn}: not known any more, to be created again`),
  ].join('\n');
}
