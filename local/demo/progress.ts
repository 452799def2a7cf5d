/**
 * Shows steps as they happen: on a terminal one line an execution that is drawn anew, elsewhere a line for
 * each step that ends.
 */
import type { StepView } from '../../src/executions/model/shown-step.ts';
import type { Status } from './client.ts';

type Output = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;

const marks: Record<StepView['status'], string> = {
  PENDING: '·',
  RUNNING: '▸',
  SUCCEEDED: '✓',
  FAILED: '✗',
  SKIPPED: '–',
  CANCELLED: '■',
  IN_DOUBT: '?',
};

export interface Progress {
  show(status: Status): void;
  end(status: Status): void;
}

export const createProgress = (output: Output): Progress =>
  output.isTTY ? liveProgress(output) : plainProgress(output);

function liveProgress(output: Output): Progress {
  const draw = (status: Status): void => {
    const width = (output.columns || 100) - 1;
    output.write(`\r\x1b[K${liveLine(status).slice(0, width)}`);
  };
  return {
    show: draw,
    end(status) {
      draw(status);
      output.write('\n');
    },
  };
}

/** The calls of the execution; those that run once for each item are counted together. */
function liveLine({ workflow, status, steps: all }: Status): string {
  const steps = all.filter(({ kind }) => kind === 'call');
  const ids = [...new Set(steps.map(({ id }) => id))];
  const parts = ids.map((id) => {
    const same = steps.filter((step) => step.id === id);
    const [first] = same;
    if (first && same.length === 1) return `${markOf(first)} ${id}${undoMark(first)}`;
    return `${id} ${same.filter((step) => step.status !== 'RUNNING' && step.status !== 'PENDING').length}/${same.length}`;
  });
  return `  ${workflow.padEnd(20)}${status.padEnd(13)}${parts.join('  ')}`;
}

const isUndone = ({ undo }: StepView): boolean => undo?.status === 'SUCCEEDED';

/** A step that was undone has a mark of its own, so that a line of eighty columns has room for what comes after. */
const markOf = (step: StepView): string => (isUndone(step) ? '↩' : marks[step.status]);

const undoMark = (step: StepView): string =>
  step.undo && !isUndone(step) ? ` (undo ${step.undo.status.toLowerCase()})` : '';

function plainProgress(output: Output): Progress {
  const told = new Set<string>();
  const tell = (key: string, text: string): void => {
    if (told.has(key)) return;
    told.add(key);
    output.write(`${text}\n`);
  };
  const show = (status: Status): void => {
    for (const step of status.steps) {
      const at = `${status.workflowId} ${step.path}`;
      if (step.status !== 'PENDING' && step.kind === 'call')
        tell(`${at} ${step.status}`, stepLine(status, step));
      if (step.undo?.finishedAt)
        tell(`${at} undo`, `  ${status.workflow}  ${step.path}  undo ${step.undo.status}`);
    }
  };
  return {
    show,
    end(status) {
      show(status);
      output.write(`  ${status.workflow}  ${status.status}\n`);
    },
  };
}

function stepLine({ workflow }: Status, { path, status, service, tool, attempts }: StepView): string {
  const error = attempts.at(-1)?.error;
  return `  ${workflow}  ${path}  ${status}  ${service} ${tool}${error ? `  ${error.code}` : ''}`;
}
