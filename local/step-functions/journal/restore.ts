/** From what the journal holds to executions that stand where they stood: entries are applied as they were live. */
import { parseDefinition } from '../asl/parse-definition.ts';
import type { Program } from '../asl/program.ts';
import { Execution } from '../running/execution.ts';
import type { JournalContents, RecordedExecution } from './journal-contents.ts';
import { UnreadableJournalError } from './read-journal.ts';
import type { ClosedRecord } from './record.ts';

function programReader(contents: JournalContents): (revisionId: string) => Program {
  const programs = new Map<string, Program>();
  return (revisionId) => {
    const known = programs.get(revisionId);
    if (known !== undefined) return known;
    const parsed = parseDefinition(contents.revisions.get(revisionId) ?? '');
    if (!parsed.ok) throw new UnreadableJournalError(`revision ${revisionId} cannot be run by this version`);
    programs.set(revisionId, parsed.program);
    return parsed.program;
  };
}

function replay({ start, entries }: RecordedExecution, program: Program): Execution {
  const execution = new Execution(start, program);
  for (const entry of entries) {
    const frame = execution.frameOf(entry);
    if (frame === undefined) throw new UnreadableJournalError(`${start.arn} has no frame '${entry.frame}'`);
    execution.apply({ ...entry }, frame);
  }
  return execution;
}

function summarised(record: ClosedRecord): Execution {
  const execution = new Execution(record);
  execution.status = record.status;
  execution.stopDate = record.stopDate;
  execution.outputText = record.outputText;
  execution.error = record.error;
  execution.cause = record.cause;
  execution.forgetHistory();
  return execution;
}

/** In the order of their start. Throws `UnreadableJournalError`, or `MisplacedEntryError` of the fold. */
export function restoreExecutions(contents: JournalContents): Execution[] {
  const programOf = programReader(contents);
  const recorded = [...contents.recorded.values()].map((one) => replay(one, programOf(one.start.revisionId)));
  const all = [...[...contents.summaries.values()].map(summarised), ...recorded];
  return all.sort((a, b) => a.start.number - b.start.number);
}
