/**
 * Says in the words of the definition why an expression failed, or what took too long. Step Functions quotes what it was
 * compiled to, and does not name the step; here
 * the definition and the records are known, so that the author's text, its path, and the values in it can be told.
 * Best effort: where something is not known, or fails, the error stays as it is.
 */

import { evaluateExpression, evaluateTemplate } from '../expressions/model/evaluate.ts';
import { explainExpression, type Reason } from '../expressions/model/explain-expression.ts';
import { codeOf, messageOf } from '../expressions/model/expression-error.ts';
import type { WorkflowDefinition } from '../workflows/definition/definition.ts';
import { type NativeField, nativeFieldsOf, outputFieldsOf } from '../workflows/definition/native-fields.ts';
import { variablesIn } from '../workflows/definition/step-values.ts';
import { type WalkedStep, walkSteps } from '../workflows/definition/steps.ts';
import type { ExecutionContext } from './context.ts';
import type { Execution, Failure, StepRecord } from './model/execution.ts';
import type { End } from './model/execution-end.ts';
import { type HistoryEvent, type Visit, visitsOf } from './model/history.ts';
import { type QueryFailure, queryFailureName, queryFailureOf, timeoutName } from './model/query-failure.ts';
import type { StepView } from './model/shown-step.ts';
import { type KnownValue, StepOutputs } from './model/step-outputs.ts';
import { timeoutMessage } from './model/timed-out-step.ts';
import { createResultReader, type ResultReader } from './result-references.ts';

export type ExplainContext = Pick<
  ExecutionContext,
  'results' | 'definitions' | 'evaluateApart' | 'stepFunctions' | 'log'
>;
type Ended = Pick<Execution, 'id' | 'input' | 'workflow' | 'version' | 'startedAt' | 'executionArn'>;

/** The same end, with a message in the words of the definition where an expression failed. */
export async function explainFailure(
  context: ExplainContext,
  execution: Ended,
  { end, cause, records }: { end: End; cause: string; records: readonly StepRecord[] },
): Promise<End> {
  const { error } = end;
  if (!error) return end;
  try {
    const definition = await context.definitions.of(execution);
    if (!definition) return end;
    const known = new Knowledge(context, execution, definition, records);
    const failure = queryFailureOf(cause);
    const explained =
      error.code === timeoutName ? await known.explainTimeout() : failure && (await known.explain(failure));
    return explained ? { ...end, error: failureWith(error.code, explained) } : end;
  } catch (thrown) {
    const name = thrown instanceof Error ? thrown.name : 'unknown';
    context.log.warn('failure not explained', { workflowId: execution.id, error: name });
    return end;
  }
}

/** The output of the workflow is the failure of no step. */
const failureWith = (code: string, { message, step }: Explained): Failure => ({
  code,
  message,
  ...(step !== undefined && { step }),
});

/** A long list of steps that were passed over is not explained to its end. */
const mostExplained = 20;

/** The steps as they are shown, those that failed before they were called with errors in the words of the definition. */
export async function explainUncalled(
  context: ExplainContext,
  execution: Ended,
  { definition, records, visits, views }: Uncalled,
): Promise<StepView[]> {
  const known = new Knowledge(context, execution, definition, records);
  const failed = new Map(
    visits.filter(({ query }) => query !== undefined).map((visit) => [`${visit.path}${visit.step}`, visit]),
  );
  const shown: StepView[] = [];
  let explained = 0;
  for (const view of views) {
    const visit = failed.get(view.path);
    const isUnexplained = view.error !== undefined && view.error.message === visit?.failure?.message;
    const message =
      isUnexplained && visit?.query && explained++ < mostExplained
        ? await explainedOrNot(context, known, { query: visit.query, path: visit.path })
        : undefined;
    shown.push(message === undefined ? view : { ...view, error: { code: queryFailureName, message } });
  }
  return shown;
}

export interface Uncalled {
  readonly definition: WorkflowDefinition;
  readonly records: readonly StepRecord[];
  readonly visits: readonly Visit[];
  readonly views: readonly StepView[];
}

async function explainedOrNot(
  { log }: ExplainContext,
  known: Knowledge,
  { query, path }: { readonly query: QueryFailure; readonly path: string },
): Promise<string | undefined> {
  try {
    return (await known.explain(query, path))?.message;
  } catch (thrown) {
    log.warn('failure not explained', { error: thrown instanceof Error ? thrown.name : 'unknown' });
    return undefined;
  }
}

interface Explained {
  readonly message: string;
  /** Where it ran; undefined for the output of the workflow. */
  readonly step: string | undefined;
}

class Knowledge {
  readonly #context: ExplainContext;
  readonly #execution: Ended;
  readonly #definition: WorkflowDefinition;
  readonly #walked: readonly WalkedStep[];
  readonly #records: readonly StepRecord[];
  readonly #outputs: StepOutputs;
  readonly #reader: ResultReader;

  constructor(
    context: ExplainContext,
    execution: Ended,
    definition: WorkflowDefinition,
    records: readonly StepRecord[],
  ) {
    this.#context = context;
    this.#execution = execution;
    this.#definition = definition;
    this.#walked = [...walkSteps(definition)];
    this.#records = records;
    this.#outputs = new StepOutputs(records);
    this.#reader = createResultReader(context.results, execution.id);
  }

  /** What failed in Step Functions; nothing where it is not known which field of the definition that is. */
  async explain(failure: QueryFailure, path?: string): Promise<Explained | undefined> {
    const field = this.#fieldOf(failure);
    if (!field) return undefined;
    const prefix = path ?? (await this.#prefixOf(failure));
    const bindings = await this.#bindings(field.source, prefix);
    const reason = await this.#reasonOf(field, failure, bindings);
    const message = explainExpression(field, reason, bindings);
    return { message, step: field.path.startsWith('output') ? undefined : `${prefix}${failure.state}` };
  }

  /** Which Task took too long, as the history tells. */
  async explainTimeout(): Promise<Explained | undefined> {
    const visit = visitsOf(await this.#history()).findLast((one) => one.timedOut);
    const walked = this.#walked.find(({ id }) => id === visit?.step);
    if (!visit || !walked) return undefined;
    const step = `${visit.path}${visit.step}`;
    const child = this.#records.find(({ occurrence }) => occurrence === step)?.child;
    return { message: timeoutMessage(walked, child), step };
  }

  async #history(): Promise<HistoryEvent[]> {
    const events = [];
    for await (const event of this.#context.stepFunctions.history(this.#execution.executionArn))
      events.push(event);
    return events;
  }

  #fieldOf({ state, field }: QueryFailure): NativeField | undefined {
    const walked = this.#walked.find(({ id }) => id === state);
    const fields = [...(walked ? nativeFieldsOf(walked) : []), ...outputFieldsOf(this.#definition)];
    return fields.find((one) => one.field === field);
  }

  /** The iterations that the state was entered in; the history tells when it is inside of a forEach. */
  async #prefixOf({ state, eventId }: QueryFailure): Promise<string> {
    const walked = this.#walked.find(({ id }) => id === state);
    if (!walked || walked.loops.length === 0) return '';
    const events = (await this.#history()).filter(({ id = 0 }) => id <= eventId);
    return visitsOf(events).at(-1)?.path ?? '';
  }

  /** The values of the variables in an expression, as far as they are known. */
  async #bindings(source: string, prefix: string): Promise<Record<string, unknown>> {
    const { input, id, startedAt } = this.#execution;
    const bindings: Record<string, unknown> = { input, execution: { id, startedAt } };
    for (const name of variablesIn([source])) {
      if (name === 'execution') continue;
      const known = await this.#valueOf(name, prefix);
      if (known) bindings[name] = await this.#reader.resolve(known.value);
    }
    return bindings;
  }

  async #valueOf(name: string, prefix: string): Promise<KnownValue | undefined> {
    const walked = this.#walked.find(({ id }) => id === name);
    if (walked) return this.#outputs.of(walked.step, around(prefix, walked.loops.length));
    const loop = this.#walked.find(({ step }) => 'forEach' in step && step.forEach.as === name);
    return loop && this.#itemOf(loop, prefix);
  }

  async #itemOf({ step, loops }: WalkedStep, prefix: string): Promise<KnownValue | undefined> {
    if (!('forEach' in step)) return undefined;
    const outer = around(prefix, loops.length);
    const index = Number(prefix.slice(outer.length).split('/')[1]);
    const { items } = step.forEach;
    const sources = JSON.stringify(items);
    const bindings = await this.#bindings(typeof items === 'string' ? items.slice(2, -2) : sources, outer);
    const value = await evaluateTemplate(items, { bindings, apart: this.#context.evaluateApart }, '');
    return { value: Array.isArray(value) ? value[index] : value };
  }

  /** What Step Functions says, with the value that the author's expression comes to where that tells more. */
  async #reasonOf(
    { source, field }: NativeField,
    { kind, said }: QueryFailure,
    bindings: Record<string, unknown>,
  ): Promise<Reason> {
    if (kind === 'nothing') return { value: undefined };
    const ours = await this.#evaluated(source, bindings);
    if (kind === 'untold') return ours ?? { thrown: said };
    if (ours === undefined || 'thrown' in ours)
      return { thrown: said || 'it came to a function, which is not JSON' };
    return kind === 'unfit' || isRefused(field, ours.value) ? ours : { thrown: said };
  }

  /** Undefined where it needs a function that only Step Functions has. */
  async #evaluated(source: string, bindings: Record<string, unknown>): Promise<Reason | undefined> {
    try {
      return { value: await evaluateExpression(source, bindings, this.#context.evaluateApart) };
    } catch (thrown) {
      return isOfUnknownFunction(thrown) ? undefined : { thrown: messageOf(thrown) };
    }
  }
}

/** JSONata: "Attempted to invoke a non-function". */
const isOfUnknownFunction = (thrown: unknown): boolean =>
  thrown instanceof Error && ['T1005', 'T1006'].includes(codeOf(thrown.cause) ?? '');

/** Whether the compiled expression throws for this value. */
function isRefused(field: string, value: unknown): boolean {
  if (field === 'Items') return value === undefined || value === null;
  return field === 'Seconds' && typeof value === 'number';
}

/** The iteration path of so many forEach steps. */
const around = (prefix: string, loops: number): string =>
  prefix
    .split('/')
    .slice(0, loops * 2)
    .map((part) => `${part}/`)
    .join('');
