/**
 * Inline Map: one iteration per item, at most `MaxConcurrency` at a time (40 when it does not say, as on AWS).
 * Iterations may fail up to the tolerated number; without a tolerance the first failure is the Map's own.
 */
import type { MapState } from '../asl/program.ts';
import { largest } from '../asl/schema.ts';
import {
  EvaluationFault,
  evaluateInteger,
  evaluateTemplate,
  type Template,
  unexpectedType,
} from '../jsonata/template.ts';
import { bindingsOf } from './bindings.ts';
import { abortFailedTask, abortFrame, failureOf, outputOf, type RunFrame } from './children.ts';
import type { Failure, Frame, MapRun, Visit } from './frame.ts';
import { leaveState } from './leave-state.ts';
import type { Run } from './run.ts';
import { StateFailure, Stopped } from './state-failure.ts';

/** Iterations of an inline Map that AWS runs at the same time. */
const mostAtOnce = 40;

type MapBindings = ReturnType<typeof bindingsOf>;

export async function itemsOf(
  state: MapState,
  visit: Pick<Visit, 'input'>,
  bindings: MapBindings,
): Promise<unknown[]> {
  if (state.items === undefined) {
    if (Array.isArray(visit.input)) return visit.input;
    throw new EvaluationFault(`Map state input must be an array but was: ${JSON.stringify(visit.input)}`);
  }
  const items = await evaluateTemplate(state.items, bindings);
  if (!Array.isArray(items)) throw unexpectedType(state.items, 'array', items);
  return items;
}

export const countOf = (template: Template | undefined, bindings: MapBindings): Promise<number> | undefined =>
  template && evaluateInteger(template, { min: 0, max: largest }, bindings);

export async function percentageOf(
  template: Template | undefined,
  bindings: MapBindings,
): Promise<number | undefined> {
  if (template === undefined) return undefined;
  const value = await evaluateTemplate(template, bindings);
  if (typeof value !== 'number' || value < 0 || value > 100) throw unexpectedType(template, 'number', value);
  return value;
}

export async function toleratedFailures(
  state: MapState,
  total: number,
  bindings: MapBindings,
): Promise<number | undefined> {
  const count = await countOf(state.toleratedFailureCount, bindings);
  const percentage = await percentageOf(state.toleratedFailurePercentage, bindings);
  const limits = [count, percentage === undefined ? undefined : Math.floor((percentage * total) / 100)];
  const given = limits.filter((limit) => limit !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}

async function start(run: Run, frame: Frame, visit: Visit, state: MapState): Promise<void> {
  const bindings = bindingsOf(run.execution, frame);
  const items = await itemsOf(state, visit, bindings);
  const limit = (await countOf(state.maxConcurrency, bindings)) || mostAtOnce;
  run.record(frame, {
    type: 'MapStateStarted',
    length: items.length,
    items,
    maxConcurrency: Math.max(1, Math.min(limit, mostAtOnce)),
    toleratedFailures: await toleratedFailures(state, items.length, bindings),
  });
}

/** The iterations of one visit on their way, and why they stop early. */
class Iterations {
  readonly #run: Run;
  readonly #frame: Frame;
  readonly #visit: Visit;
  readonly #state: MapState;
  readonly #map: MapRun;
  #next = 0;
  #failures = 0;
  /** Thrown to the Map once no iteration runs any more. */
  broken: { readonly thrown: unknown } | undefined;

  constructor(run: Run, frame: Frame, visit: Visit, state: MapState, map: MapRun) {
    this.#run = run;
    this.#frame = frame;
    this.#visit = visit;
    this.#state = state;
    this.#map = map;
  }

  async runAll(runFrame: RunFrame): Promise<void> {
    for (const child of this.#visit.children) this.#countEarlier(child);
    const lanes = Math.min(this.#map.maxConcurrency, this.#map.items.length);
    await Promise.all(Array.from({ length: lanes }, () => this.#lane(runFrame)));
    if (this.#frame.cancelled) throw new Stopped();
    if (this.broken !== undefined) throw this.broken.thrown;
  }

  async #lane(runFrame: RunFrame): Promise<void> {
    let after = this.#map.startedEventId;
    while (this.#next < this.#map.items.length && this.broken === undefined && !this.#frame.cancelled) {
      const index = this.#next++;
      try {
        await this.#iterate(index, after, runFrame);
        after = this.#visit.children[index]?.lastEventId ?? after;
      } catch (thrown) {
        this.#break(thrown);
      }
    }
  }

  /** `after` is the last event of the iteration in whose place this one runs. */
  async #iterate(index: number, after: number, runFrame: RunFrame): Promise<void> {
    if (this.#visit.children[index] === undefined) await this.#start(index, after);
    const child = this.#visit.children[index];
    if (child === undefined || child.closed) return;
    await runFrame(this.#run, child);
    if (child.cancelled || this.broken !== undefined) return;
    const failure = failureOf(child);
    const name = this.#state.name;
    const last = child.lastEventId;
    if (failure !== undefined) this.#fail(index, child, { ...failure, after: last });
    else this.#run.record(this.#frame, { type: 'MapIterationSucceeded', index, name, after: last });
  }

  async #start(index: number, after: number): Promise<void> {
    const item = this.#map.items[index];
    const mapItem = { Index: index, Value: item };
    const selector = this.#state.itemSelector;
    const bindings = selector && bindingsOf(this.#run.execution, this.#frame, { mapItem });
    const input = selector && bindings ? await evaluateTemplate(selector, bindings) : item;
    if (this.broken !== undefined) return;
    const name = this.#state.name;
    this.#run.record(this.#frame, { type: 'MapIterationStarted', index, name, input, after });
  }

  /** Failures that were recorded before the process ended count again. */
  #countEarlier(child: Frame | undefined): void {
    const failure = child?.closed ? failureOf(child) : undefined;
    if (child !== undefined && failure !== undefined)
      this.#count(child, { ...failure, after: child.lastEventId });
  }

  #fail(index: number, child: Frame, failure: Failure): void {
    const name = this.#state.name;
    this.#run.record(this.#frame, { type: 'MapIterationFailed', index, name, ...failure });
    this.#count(child, failure);
  }

  #count(child: Frame, { error, cause, after }: Failure): void {
    this.#failures += 1;
    const tolerated = this.#map.toleratedFailures;
    if (this.#failures <= (tolerated ?? 0)) return;
    if (after !== undefined && this.broken === undefined) abortFailedTask(this.#run, child, after);
    this.#break(tolerated === undefined ? new StateFailure(error, cause, after) : toleranceExceeded(after));
  }

  #break(thrown: unknown): void {
    if (this.broken !== undefined) return;
    this.broken = { thrown };
    if (this.#frame.cancelled) return;
    const name = this.#state.name;
    const after = (thrown instanceof StateFailure ? thrown.after : undefined) ?? this.#frame.lastEventId;
    this.#visit.children.forEach((child, index) => {
      if (child === undefined || child.closed || child.cancelled) return;
      this.#run.record(this.#frame, { type: 'MapIterationAborted', index, name, after });
      abortFrame(this.#run, child, after);
    });
  }
}

export const toleranceExceeded = (after: number | undefined): StateFailure =>
  new StateFailure(
    'States.ExceedToleratedFailureThreshold',
    'The specified tolerated failure threshold was exceeded',
    after,
  );

/** A tolerated failure stands in the result as its error output. */
function resultOf(child: Frame | undefined): unknown {
  const failure = child && failureOf(child);
  if (failure === undefined) return outputOf(child);
  return { Error: failure.error ?? null, Cause: failure.cause ?? null };
}

async function iterate(run: Run, frame: Frame, visit: Visit, args: { state: MapState; runFrame: RunFrame }) {
  if (visit.map === undefined) await start(run, frame, visit, args.state);
  if (visit.map === undefined) return;
  await new Iterations(run, frame, visit, args.state, visit.map).runAll(args.runFrame);
  run.record(frame, { type: 'MapStateSucceeded' });
}

export async function runMap(run: Run, frame: Frame, state: MapState, runFrame: RunFrame): Promise<void> {
  const visit = frame.visit;
  if (visit === undefined) return;
  if (!visit.joined) await iterate(run, frame, visit, { state, runFrame });
  if (!visit.joined) return;
  const result = visit.children.map(resultOf);
  await leaveState(run, frame, { exit: state, output: result, states: { result } });
}
