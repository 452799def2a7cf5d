/**
 * Goes through a definition as the compiled machine would, and calls nobody: what each step would send, which branches it
 * would take, and where it would fail. Results are given; what they do not say is unknown, and so is what depends on it:
 * nothing is made up. It does not know sizes: results that would be kept by reference are looked into here.
 */
import type { Fault } from '../../base/errors.ts';
import { itemPath } from '../../expressions/model/template.ts';
import type {
  ChooseStep,
  ForEachStep,
  ParallelStep,
  Step,
  WorkflowDefinition,
} from '../definition/definition.ts';
import { blocksOf, kindOf, valuesOf } from '../definition/steps.ts';
import { isFlag, mustBe } from './check-values.ts';
import type { DryRun, DryStep } from './dry-run-answer.ts';
import { type DryRunMeans, evaluateIn, type Occurrence, seenIn } from './dry-run-means.ts';
import { EvaluationFailed } from './evaluation.ts';
import { forEachItems } from './for-each-items.ts';
import { Recorder, Stopped } from './recorder.ts';
import { type Scope, scopeValue } from './scope.ts';
import { performSingle } from './single-steps.ts';
import { needsOf, Unknown, unknownAsText } from './unknown-results.ts';

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
    const scope: Scope = { values: new Map(), items: {}, prefix: '', certain: true };
    try {
      await this.#block(steps, 'steps', scope);
      const value = await this.#output(output, scope);
      this.#watch({ id: '', path: '' }, scope);
      return { ...this.#recorder.succeeded(needsOf(value)), output: unknownAsText(value) };
    } catch (thrown) {
      if (thrown instanceof Ended) return this.#recorder.dryRun('FAILED');
      if (thrown instanceof Stopped) return { ...this.#recorder.dryRun('STOPPED'), stopped: thrown.message };
      throw thrown;
    }
  }

  async #output(output: unknown, scope: Scope): Promise<unknown> {
    if (output === undefined) return Object.fromEntries(scope.values);
    try {
      return await evaluateIn(scope, this.#means, { template: output, path: 'output' });
    } catch (thrown) {
      throw this.#end(faultsOf(thrown));
    }
  }

  async #block(steps: readonly Step[], path: string, scope: Scope): Promise<void> {
    for (const [index, step] of steps.entries()) await this.#step(step, itemPath(path, index), scope);
  }

  async #step(step: Step, at: string, scope: Scope): Promise<void> {
    const occurrence = { id: step.id, path: `${scope.prefix}${step.id}` };
    this.#recorder.checkBounds(this.#means.whyStop);
    this.#watch(occurrence, scope);
    const entry: DryStep = { ...occurrence, at, kind: kindOf(step), certain: scope.certain };
    this.#recorder.begin(entry);
    try {
      await this.#perform(step, entry, scope);
    } catch (thrown) {
      entry.errors = [...faultsOf(thrown)];
      if (scope.certain && !('onFailure' in step && step.onFailure === 'continue'))
        throw this.#end(entry.errors);
      scope.values.delete(step.id);
      if (!scope.certain) this.#notKnown(step, scope, [occurrence.path]);
    }
    this.#recorder.end(entry);
  }

  async #perform(step: Step, entry: DryStep, scope: Scope): Promise<void> {
    if ('choose' in step) return this.#choose(step, entry, scope);
    if ('parallel' in step) return this.#parallel(step, entry, scope);
    if ('forEach' in step) return this.#forEach(step, entry, scope);
    return performSingle(step, entry, { means: this.#means, recorder: this.#recorder, scope });
  }

  async #choose(step: ChooseStep, entry: DryStep, scope: Scope): Promise<void> {
    const blocks = blocksOf(step, entry.at);
    for (const [index, { when }] of step.choose.entries()) {
      const field = { path: `${entry.at}.choose[${index}].when`, expected: 'true or false' };
      const met = await evaluateIn(scope, this.#means, { template: when, ...field });
      if (met instanceof Unknown)
        return this.#chooseUnknown(step, entry, { scope, from: index, unknown: met });
      mustBe(isFlag, met, { ...field, written: when });
      const block = blocks[index];
      if (met !== true || block === undefined) continue;
      entry.branch = index;
      return this.#block(block.steps, block.path, scope);
    }
    const otherwise = blocks[step.choose.length];
    entry.branch = otherwise ? 'otherwise' : 'none';
    if (otherwise) await this.#block(otherwise.steps, otherwise.path, scope);
  }

  /** Each branch that it may take is shown, and none of their values is known afterwards. */
  async #chooseUnknown(
    step: ChooseStep,
    entry: DryStep,
    { scope, from, unknown }: { scope: Scope; from: number; unknown: Unknown },
  ): Promise<void> {
    entry.branch = 'unknown';
    this.#recorder.need(entry, unknown.needs);
    for (const block of blocksOf(step, entry.at).slice(from))
      await this.#block(block.steps, block.path, { ...scope, values: new Map(scope.values), certain: false });
    this.#notKnown(step, scope, unknown.needs);
  }

  async #parallel(step: ParallelStep, entry: DryStep, scope: Scope): Promise<void> {
    const value: Record<string, unknown> = {};
    for (const block of blocksOf(step, entry.at)) {
      const inner = { ...scope, values: new Map(scope.values) };
      await this.#block(block.steps, block.path, inner);
      Object.assign(value, scopeValue(block.steps, inner));
    }
    scope.values.set(step.id, value);
  }

  async #forEach(step: ForEachStep, entry: DryStep, scope: Scope): Promise<void> {
    const items = await forEachItems(step.forEach, `${entry.at}.forEach.items`, {
      template: (template, field) => evaluateIn(scope, this.#means, { template, ...field }),
      evaluate: this.#means.evaluate,
      bindings: seenIn(scope, this.#means),
    });
    const values: unknown[] = [];
    entry.items = items instanceof Unknown ? 'unknown' : items.length;
    if (items instanceof Unknown) {
      this.#recorder.need(entry, items.needs);
      const item = new Unknown(`$${step.forEach.as}`, items.needs);
      await this.#iteration(step, entry, { scope: { ...scope, certain: false }, item, index: '*' });
      scope.values.set(step.id, new Unknown(`$${step.id}`, items.needs));
      return;
    }
    for (const [index, item] of items.entries())
      values.push(await this.#iteration(step, entry, { scope, item, index: String(index) }));
    scope.values.set(step.id, values);
  }

  async #iteration(
    { id, forEach }: ForEachStep,
    { at }: DryStep,
    { scope, item, index }: { scope: Scope; item: unknown; index: string },
  ): Promise<unknown> {
    const inner: Scope = {
      values: new Map(scope.values),
      items: { ...scope.items, [forEach.as]: item },
      prefix: `${scope.prefix}${id}/${index}/`,
      certain: scope.certain,
    };
    await this.#block(forEach.steps, `${at}.forEach.steps`, inner);
    return scopeValue(forEach.steps, inner);
  }

  #notKnown(step: Step, { values }: Scope, needs: readonly string[]): void {
    for (const id of valuesOf(step)) values.set(id, new Unknown(`$${id}`, needs));
  }

  #end(faults: readonly Fault[]): Ended {
    this.#recorder.fail(faults);
    return new Ended();
  }

  #watch(step: Occurrence, scope: Scope): void {
    if (this.#means.watch?.(step, seenIn(scope, this.#means)))
      throw new Stopped('what was asked for is reached');
  }
}

/** What a step failed with; what ends the run, or fails without our doing, is thrown on. */
function faultsOf(thrown: unknown): readonly Fault[] {
  if (thrown instanceof EvaluationFailed) return thrown.faults;
  throw thrown;
}
