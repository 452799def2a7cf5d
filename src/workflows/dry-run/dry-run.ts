/**
 * Goes through a definition as the compiled machine would, and calls nobody: what each step would send, which branches it
 * would take, and where it would fail. Results are given; what they do not say is unknown, and so is what depends on it:
 * nothing is made up. It does not know sizes: results that would be kept by reference are looked into here.
 */
import type { Fault } from '../../base/errors.ts';
import { itemPath, sourceOf } from '../../expressions/model/template.ts';
import type {
  CallStep,
  ChooseStep,
  ForEachStep,
  ParallelStep,
  Step,
  WaitStep,
  WorkflowDefinition,
} from '../definition/definition.ts';
import { blocksOf, kindOf, valuesOf } from '../definition/steps.ts';
import {
  durationText,
  type Field,
  failedWith,
  isDuration,
  isFlag,
  isObject,
  isTime,
  mustBe,
  mustBeSendable,
  timeText,
} from './check-values.ts';
import type { DryRun, DryStep } from './dry-run-answer.ts';
import { type Evaluate, EvaluationFailed, evaluateTemplate } from './evaluation.ts';
import { forEachItems } from './for-each-items.ts';
import { Recorder, Stopped } from './recorder.ts';
import { type Scope, scopeValue } from './scope.ts';
import { needsOf, Unknown, unknownAsText } from './unknown-results.ts';

/** What a step comes to: a value (before `select`, unless that was done), a failure, or undefined where it is not known. */
export type StepResult = { readonly value: unknown; readonly selected?: boolean } | 'failed' | undefined;

export interface Occurrence {
  readonly id: string;
  /** As the status says it: `each/3/classify`. */
  readonly path: string;
}

export interface DryRunMeans {
  readonly input: unknown;
  readonly execution: { readonly id: string; readonly startedAt: string };
  readonly resultOf: (step: Occurrence) => StepResult | Promise<StepResult>;
  /** As Step Functions does. */
  readonly evaluate: Evaluate;
  /** As run-step does, which knows no functions of Step Functions. */
  readonly evaluateSelect: Evaluate;
  /** Why it has to stop, asked before each step. */
  readonly whyStop?: () => string | undefined;
  /** Called before each step with all that its expressions see; true stops there. */
  readonly watch?: (step: Occurrence, sees: Readonly<Record<string, unknown>>) => boolean;
}

/** Ends the run: a failure that nothing catches. */
class Ended extends Error {}

export async function dryRun(definition: WorkflowDefinition, means: DryRunMeans): Promise<DryRun> {
  const run = new Run(means);
  return run.workflow(definition);
}

class Run {
  readonly #means: DryRunMeans;
  readonly #recorder = new Recorder();

  constructor(means: DryRunMeans) {
    this.#means = means;
  }

  async workflow({ steps, output }: WorkflowDefinition): Promise<DryRun> {
    const place: Scope = { values: new Map(), items: {}, prefix: '', certain: true };
    try {
      await this.#block(steps, 'steps', place);
      const value = await this.#output(output, place);
      this.#watch({ id: '', path: '' }, place);
      return { ...this.#recorder.succeeded(needsOf(value)), output: unknownAsText(value) };
    } catch (thrown) {
      if (thrown instanceof Ended) return this.#recorder.dryRun('FAILED');
      if (thrown instanceof Stopped) return { ...this.#recorder.dryRun('STOPPED'), stopped: thrown.message };
      throw thrown;
    }
  }

  async #output(output: unknown, place: Scope): Promise<unknown> {
    if (output === undefined) return Object.fromEntries(place.values);
    try {
      return await this.#template(output, { path: 'output' }, place);
    } catch (thrown) {
      throw this.#end(faultsOf(thrown));
    }
  }

  async #block(steps: readonly Step[], path: string, place: Scope): Promise<void> {
    for (const [index, step] of steps.entries()) await this.#step(step, itemPath(path, index), place);
  }

  async #step(step: Step, at: string, place: Scope): Promise<void> {
    const occurrence = { id: step.id, path: `${place.prefix}${step.id}` };
    this.#recorder.checkBounds(this.#means.whyStop);
    this.#watch(occurrence, place);
    const entry: DryStep = { ...occurrence, at, kind: kindOf(step), certain: place.certain };
    this.#recorder.begin(entry);
    try {
      await this.#perform(step, entry, place);
    } catch (thrown) {
      entry.errors = [...faultsOf(thrown)];
      if (place.certain && !('onFailure' in step && step.onFailure === 'continue'))
        throw this.#end(entry.errors);
      place.values.delete(step.id);
      if (!place.certain) this.#notKnown(step, place, [occurrence.path]);
    }
    this.#recorder.end(entry);
  }

  async #perform(step: Step, entry: DryStep, place: Scope): Promise<void> {
    if ('call' in step) return this.#call(step, entry, place);
    if ('choose' in step) return this.#choose(step, entry, place);
    if ('parallel' in step) return this.#parallel(step, entry, place);
    if ('forEach' in step) return this.#forEach(step, entry, place);
    if ('wait' in step) return this.#wait(step, entry, place);
    if ('approval' in step) {
      this.#recorder.show(entry, {
        approval: await this.#template(step.approval, { path: `${entry.at}.approval` }, place),
      });
    } else {
      const input = await this.#template(step.workflow.input, { path: `${entry.at}.workflow.input` }, place);
      this.#recorder.show(entry, { workflow: step.workflow.name, input });
    }
    await this.#conclude(entry, place, (value) => value);
  }

  async #call(step: CallStep, entry: DryStep, place: Scope): Promise<void> {
    const { call, compensate } = step;
    const at = `${entry.at}.call`;
    if ('tool' in call) {
      const field = { path: `${at}.arguments`, expected: 'an object' };
      const values = await this.#template(call.arguments, field, place);
      this.#recorder.show(entry, { service: call.service, tool: call.tool, arguments: values });
      mustBe(isObject, values, { ...field, written: call.arguments });
    } else {
      const request = await this.#template(call.request, { path: `${at}.request` }, place);
      this.#recorder.show(entry, { service: call.service, request });
      mustBeSendable(request, { at, written: call.request });
    }
    await this.#conclude(entry, place, (value, selected) =>
      selected ? value : this.#select(step, value, entry),
    );
    if (!compensate) return;
    const undo = await this.#template(compensate, { path: `${entry.at}.compensate` }, place);
    this.#recorder.show(entry, { compensate: undo });
  }

  async #select({ select }: CallStep, result: unknown, entry: DryStep): Promise<unknown> {
    if (select === undefined) return result;
    try {
      return (await this.#means.evaluateSelect(sourceOf(select), { result })) ?? null;
    } catch (thrown) {
      throw failedWith(`${entry.at}.select`, select, { thrown, bindings: { result } });
    }
  }

  /** Gives the step its value, as far as it is known. */
  async #conclude(
    entry: DryStep,
    place: Scope,
    finish: (value: unknown, selected: boolean) => unknown,
  ): Promise<void> {
    const result = await this.#means.resultOf(entry);
    if (result === 'failed')
      throw new EvaluationFailed([{ path: entry.at, message: `fails, since "failing" names it` }]);
    if (result === undefined) {
      place.values.set(entry.id, new Unknown(`$${entry.id}`, [entry.path]));
      return;
    }
    const value = await finish(result.value, result.selected ?? false);
    place.values.set(entry.id, value);
    this.#recorder.show(entry, { result: value });
  }

  async #choose(step: ChooseStep, entry: DryStep, place: Scope): Promise<void> {
    const blocks = blocksOf(step, entry.at);
    for (const [index, { when }] of step.choose.entries()) {
      const field = { path: `${entry.at}.choose[${index}].when`, expected: 'true or false' };
      const met = await this.#template(when, field, place);
      if (met instanceof Unknown)
        return this.#chooseUnknown(step, entry, { place, from: index, unknown: met });
      mustBe(isFlag, met, { ...field, written: when });
      const block = blocks[index];
      if (met !== true || block === undefined) continue;
      entry.branch = index;
      return this.#block(block.steps, block.path, place);
    }
    const otherwise = blocks[step.choose.length];
    entry.branch = otherwise ? 'otherwise' : 'none';
    if (otherwise) await this.#block(otherwise.steps, otherwise.path, place);
  }

  /** Each branch that it may take is shown, and none of their values is known afterwards. */
  async #chooseUnknown(
    step: ChooseStep,
    entry: DryStep,
    { place, from, unknown }: { place: Scope; from: number; unknown: Unknown },
  ): Promise<void> {
    entry.branch = 'unknown';
    this.#recorder.need(entry, unknown.needs);
    for (const block of blocksOf(step, entry.at).slice(from))
      await this.#block(block.steps, block.path, { ...place, values: new Map(place.values), certain: false });
    this.#notKnown(step, place, unknown.needs);
  }

  async #parallel(step: ParallelStep, entry: DryStep, place: Scope): Promise<void> {
    const value: Record<string, unknown> = {};
    for (const block of blocksOf(step, entry.at)) {
      const inner = { ...place, values: new Map(place.values) };
      await this.#block(block.steps, block.path, inner);
      Object.assign(value, scopeValue(block.steps, inner));
    }
    place.values.set(step.id, value);
  }

  async #forEach(step: ForEachStep, entry: DryStep, place: Scope): Promise<void> {
    const items = await forEachItems(step.forEach, `${entry.at}.forEach.items`, {
      template: (template, field) => this.#template(template, field, place),
      evaluate: this.#means.evaluate,
      bindings: this.#sees(place),
    });
    const values: unknown[] = [];
    entry.items = items instanceof Unknown ? 'unknown' : items.length;
    if (items instanceof Unknown) {
      this.#recorder.need(entry, items.needs);
      const item = new Unknown(`$${step.forEach.as}`, items.needs);
      await this.#iteration(step, entry, { place: { ...place, certain: false }, item, index: '*' });
      place.values.set(step.id, new Unknown(`$${step.id}`, items.needs));
      return;
    }
    for (const [index, item] of items.entries())
      values.push(await this.#iteration(step, entry, { place, item, index: String(index) }));
    place.values.set(step.id, values);
  }

  async #iteration(
    { id, forEach }: ForEachStep,
    { at }: DryStep,
    { place, item, index }: { place: Scope; item: unknown; index: string },
  ): Promise<unknown> {
    const inner: Scope = {
      values: new Map(place.values),
      items: { ...place.items, [forEach.as]: item },
      prefix: `${place.prefix}${id}/${index}/`,
      certain: place.certain,
    };
    await this.#block(forEach.steps, `${at}.forEach.steps`, inner);
    return scopeValue(forEach.steps, inner);
  }

  async #wait({ wait }: WaitStep, entry: DryStep, place: Scope): Promise<void> {
    const isTimed = 'until' in wait;
    const [name, written] = isTimed ? ['until', wait.until] : ['seconds', wait.seconds];
    const field = { path: `${entry.at}.wait.${name}`, expected: isTimed ? timeText : durationText };
    const value = await this.#template(written, field, place);
    this.#recorder.show(entry, { wait: { [name]: value } });
    mustBe(isTimed ? isTime : isDuration, value, { ...field, written });
  }

  #sees({ values, items }: Scope): Record<string, unknown> {
    const { input, execution } = this.#means;
    return { input, execution, ...items, ...Object.fromEntries(values) };
  }

  #template(template: unknown, { path, expected }: Field, place: Scope): Promise<unknown> {
    const bindings = this.#sees(place);
    const { evaluate } = this.#means;
    return evaluateTemplate(template, path, { bindings, evaluate, ...(expected && { expected }) });
  }

  #notKnown(step: Step, { values }: Scope, needs: readonly string[]): void {
    for (const id of valuesOf(step)) values.set(id, new Unknown(`$${id}`, needs));
  }

  #end(faults: readonly Fault[]): Ended {
    this.#recorder.fail(faults);
    return new Ended();
  }

  #watch(step: Occurrence, place: Scope): void {
    if (this.#means.watch?.(step, this.#sees(place))) throw new Stopped('what was asked for is reached');
  }
}

/** What a step failed with; what ends the run, or fails without our doing, is thrown on. */
function faultsOf(thrown: unknown): readonly Fault[] {
  if (thrown instanceof EvaluationFailed) return thrown.faults;
  throw thrown;
}
