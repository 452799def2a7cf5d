/**
 * Says in the words of the definition why an expression failed. Step Functions quotes what it was compiled to; here
 * the definition and the records are known, so that the author's text, its path, and the values in it can be told.
 * Best effort: where something is not known, or fails, the error stays as it is.
 */
import type { End } from '../domain/execution-end.ts';
import type { Execution, Failure, StepRecord } from '../domain/executions.ts';
import { visitsOf } from '../domain/history.ts';
import { type QueryFailure, queryFailureName, queryFailureOf } from '../domain/query-failure.ts';
import { type KnownValue, StepOutputs } from '../domain/step-outputs.ts';
import { WorkflowDefinition } from '../domain/workflows/definition.ts';
import { evaluateExpression, evaluateTemplate } from '../domain/workflows/evaluate.ts';
import { explainExpression, type Reason } from '../domain/workflows/explain-expression.ts';
import { type NativeField, nativeFieldsOf, outputFieldsOf } from '../domain/workflows/native-fields.ts';
import { variablesIn } from '../domain/workflows/step-values.ts';
import { type WalkedStep, walkSteps } from '../domain/workflows/steps.ts';
import type { ExecutionContext } from './context.ts';
import { createResultReader, type ResultReader } from './result-references.ts';

export type ExplainContext = Pick<
  ExecutionContext,
  'results' | 'workflows' | 'evaluateApart' | 'stepFunctions' | 'log'
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
    const found = await context.workflows.version(execution.workflow, execution.version);
    if (!found) return end;
    const known = new Knowledge(context, execution, WorkflowDefinition.parse(found.definition), records);
    const message = await known.explain(error, cause);
    return message === undefined ? end : { ...end, error: { ...error, ...message } };
  } catch (thrown) {
    const name = thrown instanceof Error ? thrown.name : 'unknown';
    context.log.warn('failure not explained', { executionId: execution.id, error: name });
    return end;
  }
}

class Knowledge {
  readonly #context: ExplainContext;
  readonly #execution: Ended;
  readonly #definition: WorkflowDefinition;
  readonly #walked: readonly WalkedStep[];
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
    this.#outputs = new StepOutputs(records);
    this.#reader = createResultReader(context.results, execution.id);
  }

  async explain({ code, message, step }: Failure, cause: string): Promise<Partial<Failure> | undefined> {
    if (code !== queryFailureName) return this.#withPath(message, step);
    const failure = queryFailureOf(cause);
    const field = failure && this.#fieldOf(failure);
    if (!field) return undefined;
    const prefix = await this.#prefixOf(failure);
    const bindings = await this.#bindings(field.source, prefix);
    const reason = await this.#reasonOf(field, failure, bindings);
    const at = field.path.startsWith('output') ? {} : { step: `${prefix}${failure.state}` };
    return { message: explainExpression(field, reason, bindings), ...at };
  }

  /** What run-step says of its own evaluations begins with the field of the step. */
  #withPath(message: string, occurrence: string | undefined): Partial<Failure> | undefined {
    const id = occurrence?.split('/').at(-1);
    const walked = this.#walked.find((one) => one.id === id);
    return walked && /^(call|select|compensate|approval|workflow)\b/.test(message)
      ? { message: `${walked.path}.${message}` }
      : undefined;
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
    const events = [];
    for await (const event of this.#context.stepFunctions.history(this.#execution.executionArn))
      if ((event.id ?? 0) <= eventId) events.push(event);
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
    if (kind === 'unfit') return ours ?? { thrown: said || 'it came to a function, which is not JSON' };
    return ours && isRefused(field, ours.value) ? ours : { thrown: said };
  }

  async #evaluated(source: string, bindings: Record<string, unknown>): Promise<KnownValue | undefined> {
    try {
      return { value: await evaluateExpression(source, bindings, this.#context.evaluateApart) };
    } catch {
      return undefined;
    }
  }
}

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
