/**
 * The engine without its HTTP API: state machines and executions over one journal, and what is forgotten when. It is
 * opened standing still; `resume()` lets the open executions go on.
 */
import { startChildExecution } from './api/child-start.ts';
import { EndedExecutions } from './ended/ended-executions.ts';
import { ExecutionRegistry, type ExecutionRegistryOptions } from './execution-registry.ts';
import type { CompactionBound } from './journal/file-journal.ts';
import type { JournalContents } from './journal/journal.ts';
import { openJournal } from './journal/open-journal.ts';
import { outcomeOf } from './journal/outcome.ts';
import { MachineRegistry } from './machine-registry.ts';
import type { Execution } from './running/execution.ts';

export interface EngineOptions extends Omit<ExecutionRegistryOptions, 'journal' | 'startChild' | 'ended'> {
  /** Undefined: nothing outlives the process. */
  readonly journalFile: string | undefined;
  readonly compactionBound?: CompactionBound | undefined;
}

export interface Engine {
  readonly machines: MachineRegistry;
  readonly executions: ExecutionRegistry;
  /** False when the journal began anew or was damaged: machines that were created may be missing. */
  readonly whole: boolean;
  /** Goes on with the open executions, and tells of those that a damaged journal has ended. */
  resume(): void;
  /** Resolves when all that happened is written; rejects when it cannot be. */
  written(): Promise<void>;
  /** Lets go of open executions; with a journal they go on at the next start. */
  close(): Promise<void>;
}

/** Milliseconds. */
const forgetEvery = 3_600_000;

function forget(machines: MachineRegistry, executions: ExecutionRegistry): void {
  executions.forgetOld(Date.now());
  machines.forgetRevisions((revisionId) => executions.hasRevision(revisionId));
}

function* recordsOf(machines: JournalContents['records'], outcomes: readonly Execution[]) {
  yield* machines;
  for (const execution of outcomes) yield outcomeOf(execution);
}

function contentsOf(machines: MachineRegistry, executions: ExecutionRegistry): JournalContents {
  forget(machines, executions);
  const { outcomes, whole: closed } = executions.closedForJournal();
  const whole = new Set([...executions.open(), ...closed].map(({ start }) => start.number));
  return { records: recordsOf(machines.records(), outcomes), whole };
}

/** Rejects with `JournalInUseError` while another engine has the journal. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { journal, restored, damage, whole } = await openJournal(
    options.journalFile,
    options.compactionBound,
  );
  const { journalFile } = options;
  const ended = journalFile === undefined ? undefined : new EndedExecutions(`${journalFile}.ended`);
  const machines = new MachineRegistry(journal, restored);
  const executions: ExecutionRegistry = new ExecutionRegistry(
    {
      ...options,
      journal,
      ended,
      startChild: (start) => startChildExecution({ machines, executions }, start),
    },
    restored.executions,
  );
  await executions.moveOld();
  await journal.keepCompact(() => contentsOf(machines, executions));
  const forgetting = setInterval(() => forget(machines, executions), forgetEvery).unref();
  const close = async (): Promise<void> => {
    clearInterval(forgetting);
    await executions.close();
    await journal.close();
  };
  const resume = (): void => {
    executions.resume();
    executions.tellEnds((damage?.executions ?? []).flatMap(({ arn }) => arn ?? []));
  };
  return { machines, executions, whole, resume, written: () => journal.written(), close };
}
