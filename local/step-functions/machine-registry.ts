/**
 * The state machines. A change of the definition makes a new revision; executions keep the one they were
 * started with, so a revision stays until neither a machine nor an execution has it.
 */
import { randomUUID } from 'node:crypto';
import { parseDefinition } from './asl/parse-definition.ts';
import type { Program } from './asl/program.ts';
import type { Journal } from './journal/journal.ts';
import type { JournalRecord, MachineRecord } from './journal/record.ts';

/** The definition does not parse; refused when it was created, so this is a journal of another version. */
class UnknownRevisionError extends Error {}

export interface RestoredMachines {
  readonly machines: ReadonlyMap<string, MachineRecord>;
  /** Definition by revision. */
  readonly revisions: ReadonlyMap<string, string>;
}

export class MachineRegistry {
  readonly #journal: Journal;
  readonly #machines: Map<string, MachineRecord>;
  readonly #definitions: Map<string, string>;
  readonly #programs = new Map<string, Program>();

  constructor(journal: Journal, restored: RestoredMachines) {
    this.#journal = journal;
    this.#machines = new Map(restored.machines);
    this.#definitions = new Map(restored.revisions);
  }

  get(arn: string): MachineRecord | undefined {
    return this.#machines.get(arn);
  }

  /** By name. */
  list(): MachineRecord[] {
    return [...this.#machines.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Undefined for one that was lost with its journal. */
  knownDefinition(revisionId: string): string | undefined {
    return this.#definitions.get(revisionId);
  }

  definitionOf(revisionId: string): string {
    const definition = this.#definitions.get(revisionId);
    if (definition === undefined) throw new UnknownRevisionError(`There is no revision ${revisionId}`);
    return definition;
  }

  programOf(revisionId: string): Program {
    const known = this.#programs.get(revisionId);
    if (known !== undefined) return known;
    const parsed = parseDefinition(this.definitionOf(revisionId), { stored: true });
    if (!parsed.ok) throw new UnknownRevisionError(`Revision ${revisionId} does not parse`);
    this.#programs.set(revisionId, parsed.program);
    return parsed.program;
  }

  /** Stores a parsed definition and returns the id of its revision. */
  addRevision(definition: string, program: Program): string {
    const id = randomUUID();
    this.#programs.set(id, program);
    this.#definitions.set(id, definition);
    this.#journal.append({ kind: 'revision', id, definition });
    return id;
  }

  put(machine: MachineRecord): void {
    this.#machines.set(machine.arn, machine);
    this.#journal.append(machine);
  }

  delete(arn: string): void {
    this.#machines.delete(arn);
    this.#journal.append({ kind: 'machine-deleted', arn });
  }

  /** Drops every revision that is neither a machine's nor used otherwise. */
  forgetRevisions(isUsed: (revisionId: string) => boolean): void {
    const current = new Set([...this.#machines.values()].map(({ revisionId }) => revisionId));
    for (const id of this.#definitions.keys()) {
      if (current.has(id) || isUsed(id)) continue;
      this.#definitions.delete(id);
      this.#programs.delete(id);
    }
  }

  /** All that is to be read back. */
  records(): JournalRecord[] {
    const revisions = [...this.#definitions].map(([id, definition]) => ({
      kind: 'revision' as const,
      id,
      definition,
    }));
    return [...revisions, ...this.#machines.values()];
  }
}
