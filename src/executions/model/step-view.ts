/**
 * The steps of an execution as they are shown: in the order of the definition, one entry for each iteration.
 * Calls come from their records. What is not recorded (waits, choices, calls under a second) is told by the
 * history where it was read, and otherwise derived from what comes after it in the definition.
 */
import { parseReference } from '../../registry/services/model/service-reference.ts';
import type { Step, WorkflowDefinition } from '../../workflows/definition/definition.ts';
import { blocksOf, kindOf } from '../../workflows/definition/steps.ts';
import { distinctAttempts } from './distinct-attempts.ts';
import {
  type Execution,
  type Failure,
  isClosed,
  isClosing,
  type StepRecord,
  type StepStatus,
  shownStatus,
  type Undo,
} from './execution.ts';
import type { Visit } from './history.ts';
import { settledEnd } from './settled-end.ts';
import { shownAggregate } from './shown-aggregate.ts';
import { elsewhere, limitOutputs, StepView } from './shown-step.ts';
import { StepOutputs } from './step-outputs.ts';

/** How a step is, or has ended, and why where no attempt says so. */
type End = Pick<StepRecord, 'status' | 'error'>;

export interface Seen {
  readonly execution: Pick<
    Execution,
    'id' | 'stored' | 'ending' | 'closedAt' | 'closingAt' | 'redrivenAt' | 'error'
  >;
  readonly records: readonly StepRecord[];
  /** Undefined where the history was not read, because the definition needs none. */
  readonly visits: readonly Visit[] | undefined;
}

export function viewSteps(definition: WorkflowDefinition, seen: Seen): StepView[] {
  const view = new View(seen);
  const views = view.block(definition.steps, { prefix: '', entered: true, left: succeeded(seen) });
  return limitOutputs(views, seen.execution.id);
}

const succeeded = ({ execution }: Seen): boolean => shownStatus(execution) === 'SUCCEEDED';

/** A list of steps: whether execution came into it, and whether it went through it. */
interface BlockState {
  readonly prefix: string;
  readonly entered: boolean;
  readonly left: boolean;
}

class View {
  readonly #seen: Seen;
  readonly #records: ReadonlyMap<string, StepRecord>;
  readonly #visits: ReadonlyMap<string, Visit> | undefined;
  readonly #outputs: StepOutputs;
  /** Every place of which anything is known, and every place around it. */
  readonly #touched: ReadonlySet<string>;

  constructor(seen: Seen) {
    this.#seen = seen;
    this.#outputs = new StepOutputs(seen.records);
    this.#records = new Map(seen.records.map((record) => [record.occurrence, record]));
    this.#visits = seen.visits && new Map(seen.visits.map((visit) => [`${visit.path}${visit.step}`, visit]));
    this.#touched = new Set(
      [...this.#records.keys(), ...(this.#visits?.keys() ?? [])].flatMap(withSurroundings),
    );
  }

  block(steps: readonly Step[], state: BlockState): StepView[] {
    const touched = steps.map((step) => this.#isTouched(step, state.prefix));
    const last = touched.lastIndexOf(true);
    return steps.flatMap((step, index) => {
      const passed = state.left || index < last;
      const current =
        state.entered &&
        (index === last || (index === last + 1 && this.#isFinished(steps[last], state.prefix)));
      return this.#step(step, { prefix: state.prefix, entered: passed || current, left: passed });
    });
  }

  #step(step: Step, state: BlockState): StepView[] {
    const path = `${state.prefix}${step.id}`;
    const { status, error } = this.#end(path, step, state);
    const own = {
      id: step.id,
      path,
      kind: kindOf(step),
      status,
      attempts: [],
      ...this.#recorded(path, step),
      ...(error && { error }),
      ...(status === 'SUCCEEDED' &&
        shownAggregate(this.#outputs, step, { executionId: this.#seen.execution.id, prefix: state.prefix })),
      ...this.#branch(step, state.prefix),
    };
    return [own, ...this.#inner(step, { ...state, left: status === 'SUCCEEDED' })];
  }

  /** Which branch was taken, where anything is known of its steps. */
  #branch(step: Step, prefix: string): Pick<StepView, 'branch'> {
    if (!('choose' in step)) return {};
    const taken = blocksOf(step, '').find(({ steps }) =>
      steps.some((inner) => this.#isTouched(inner, prefix)),
    );
    return taken ? { branch: taken.path.replace(/^\./, '').replace(/\.steps$/, '') } : {};
  }

  #inner(step: Step, state: BlockState): StepView[] {
    if ('forEach' in step) {
      return this.#iterations(`${state.prefix}${step.id}/`).flatMap((prefix) =>
        this.block(step.forEach.steps, { prefix, entered: true, left: state.left }),
      );
    }
    return blocksOf(step, '').flatMap(({ steps }) => {
      const entered =
        'parallel' in step ? state.entered : steps.some((inner) => this.#isTouched(inner, state.prefix));
      return this.block(steps, { ...state, entered, left: state.left && entered });
    });
  }

  #end(path: string, step: Step, { entered, left }: BlockState): End {
    const record = this.#records.get(path);
    if (record) return this.#recordedEnd(record, step);
    const visit = this.#visits?.get(path);
    if (visit && this.#failedUncalled(step, visit)) return { status: 'FAILED' };
    if (visit ? visit.left : left && this.#isTouchedOrSure(path, step)) return { status: 'SUCCEEDED' };
    const { execution } = this.#seen;
    if (!(visit || (entered && !left))) return { status: isClosing(execution) ? 'SKIPPED' : 'PENDING' };
    if (isContainer(step)) return { status: isClosed(execution) ? this.#ended() : 'RUNNING' };
    if (!isClosing(execution)) return { status: 'RUNNING' };
    return settledEnd(execution, { step: step.id, occurrence: path, record });
  }

  /** Its arguments could not be evaluated. */
  #failedUncalled = (step: Step, { called, left, failure }: Visit): boolean =>
    isRecorded(step) && !called && (failure !== undefined || left);

  #recordedEnd(record: StepRecord, step: Step): End {
    const { execution } = this.#seen;
    if (!isClosed(execution) && this.#isTriedAgain(record, step)) return { status: 'PENDING' };
    const { status, error } = record;
    return this.#isCutShort(record)
      ? settledEnd(execution, { ...record, record })
      : { status, ...(error && { error }) };
  }

  /** A call that is under way, and what a step waits for, end a moment after the execution began to close. */
  #isCutShort(record: StepRecord): boolean {
    const { execution } = this.#seen;
    if (record.status !== 'RUNNING') return false;
    return isClosed(execution) || (isClosing(execution) && record.runningSince === undefined);
  }

  /** What failed before the retry, and was not passed over, is what the execution goes on with. */
  #isTriedAgain({ status, finishedAt }: StepRecord, step: Step): boolean {
    const { redrivenAt } = this.#seen.execution;
    if (redrivenAt === undefined || status === 'SUCCEEDED' || status === 'RUNNING') return false;
    const passedOver = 'onFailure' in step && step.onFailure === 'continue';
    return !passedOver && finishedAt !== undefined && finishedAt < redrivenAt;
  }

  /** Without a history a passed container was gone through; with one, only what it names was. */
  #isTouchedOrSure(path: string, step: Step): boolean {
    return this.#visits === undefined ? !isRecorded(step) : this.#touched.has(path);
  }

  #ended(): StepStatus {
    return ['CANCELLED', 'TERMINATED'].includes(shownStatus(this.#seen.execution)) ? 'CANCELLED' : 'FAILED';
  }

  #recorded(path: string, step: Step): Partial<StepView> {
    const named = 'call' in step ? callName(step) : {};
    const record = this.#records.get(path);
    const error = (record?.attempts.length ?? 0) === 0 ? this.#errorOf(path, step) : undefined;
    if (!record) return { ...named, ...(error && { error }) };
    const {
      instance,
      waitedForInstanceMs,
      runningSince,
      output,
      resultRef,
      warnings,
      undo,
      approval,
      child,
    } = record;
    const { notBefore } = isClosed(this.#seen.execution) ? {} : record;
    const attempts = distinctAttempts(record.attempts);
    const all = runningSince === undefined ? attempts : [...attempts, { startedAt: runningSince }];
    return {
      ...named,
      attempts: all,
      ...(error && record.status === 'FAILED' && { error }),
      ...(notBefore !== undefined && runningSince === undefined && { notBefore }),
      ...(instance !== undefined && { instance }),
      ...(waitedForInstanceMs !== undefined && { waitedForInstanceMs }),
      ...(output !== undefined && { output }),
      ...(resultRef && elsewhere(this.#seen.execution.id, path, resultRef.bytes)),
      ...(warnings !== undefined && { warnings }),
      ...(approval && { approval }),
      ...(child !== undefined && { workflowId: child }),
      ...(undo && this.#isDue(undo) && { undo: StepView.shape.undo.unwrap().parse(undo) }),
    };
  }

  /** Of a step that was not called: the error of the execution, where it is about it, or what the history tells. */
  #errorOf(path: string, step: Step): Failure | undefined {
    const { error } = this.#seen.execution;
    const visit = this.#visits?.get(path);
    const failed = visit ? this.#failedUncalled(step, visit) : this.#records.get(path) !== undefined;
    if (!failed || !isRecorded(step)) return undefined;
    const named = error?.step === step.id || error?.step === path;
    return error && named ? { code: error.code, message: error.message } : visit?.failure;
  }

  /** An undo that is only kept ready is not shown: it runs when the execution fails or is cancelled. */
  #isDue = ({ status }: Undo): boolean =>
    status !== 'PENDING' || this.#seen.execution.closingAt !== undefined;

  #isTouched = (step: Step, prefix: string): boolean =>
    this.#touched.has(`${prefix}${step.id}`) ||
    (!('forEach' in step) &&
      blocksOf(step, '').some(({ steps }) => steps.some((inner) => this.#isTouched(inner, prefix))));

  #isFinished(step: Step | undefined, prefix: string): boolean {
    if (step === undefined) return true;
    const path = `${prefix}${step.id}`;
    const status = this.#records.get(path)?.status;
    return (
      this.#visits?.get(path)?.left ??
      (status === 'SUCCEEDED' ||
        ('onFailure' in step &&
          step.onFailure === 'continue' &&
          (status === 'FAILED' || status === 'IN_DOUBT')))
    );
  }

  #iterations(prefix: string): string[] {
    const indexes = [...this.#touched]
      .filter((place) => place.startsWith(prefix))
      .map((place) => Number(place.slice(prefix.length).split('/')[0]));
    return [...new Set(indexes)].sort((a, b) => a - b).map((index) => `${prefix}${index}/`);
  }
}

/** Its end is that of the steps in it. */
const isContainer = (step: Step): boolean => 'choose' in step || 'parallel' in step || 'forEach' in step;

/** Steps that run-step is called for leave a record of their own. */
const isRecorded = (step: Step): boolean => 'call' in step || 'approval' in step || 'workflow' in step;

/** `each/3/classify` also touches `each`. */
function withSurroundings(occurrence: string): string[] {
  const parts = occurrence.split('/');
  const around = parts.flatMap((_part, index) =>
    index % 2 === 0 && index < parts.length - 1 ? [parts.slice(0, index + 1).join('/')] : [],
  );
  return [...around, occurrence];
}

const callName = ({ call }: Extract<Step, { call: unknown }>): Partial<StepView> => ({
  service: parseReference(call.service).name,
  tool: 'tool' in call ? call.tool : `${call.request.method} ${call.request.path}`,
});
