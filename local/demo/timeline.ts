/** Draws an execution as a timeline: a bar for each attempt, in the order of the steps. */
import type { StepView } from '../../src/executions/model/shown-step.ts';
import type { Status } from './client.ts';

/** With the name before and the time behind, a line has 80 columns. */
const width = 36;
const mostRows = 24;

export function timeline(status: Status): string {
  const start = Date.parse(status.startedAt);
  const end = Math.max(start + 1, Date.parse(status.closedAt ?? status.startedAt));
  const calls = status.steps.filter(({ kind, attempts }) => kind === 'call' && attempts.length > 0);
  const rows = calls.slice(0, mostRows).map((step) => row(step, { start, end }));
  const more = calls.length - rows.length;
  return [
    `${status.workflow}  ${status.status}  ${end - start} ms  (${status.workflowId})`,
    ...rows,
    ...(more > 0 ? [`  … and ${more} more`] : []),
  ].join('\n');
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function row(step: StepView, span: Span): string {
  const cells = Array.from({ length: width }, () => ' ');
  for (const { startedAt, finishedAt, error } of step.attempts) {
    const from = column(Date.parse(startedAt), span);
    const to = column(Date.parse(finishedAt ?? startedAt), span);
    cells.fill(error ? '▒' : '█', from, to + 1);
  }
  const took = step.attempts.map(
    ({ startedAt, finishedAt }) => Date.parse(finishedAt ?? startedAt) - Date.parse(startedAt),
  );
  const undo = step.undo ? `  ${undoText(step.undo)}` : '';
  return `  ${step.path.padEnd(22)}|${cells.join('')}| ${took.join('+')} ms${undo}`;
}

const undoText = ({ status }: NonNullable<StepView['undo']>): string =>
  status === 'SUCCEEDED' ? 'undone' : `undo ${status}`;

const column = (time: number, { start, end }: Span): number =>
  Math.min(width - 1, Math.max(0, Math.floor(((time - start) / (end - start)) * width)));
