/**
 * The values that expressions see of steps, put together from the records of calls: what `parallel` and `forEach`
 * come to is recorded nowhere. Nothing where it is not known.
 */

import type { Step } from '../../workflows/definition/definition.ts';
import { blocksOf } from '../../workflows/definition/steps.ts';
import { resultOf, type StepRecord } from './execution.ts';

/** A value that is known; a step without one has none of these. */
export interface KnownValue {
  readonly value: unknown;
}

export class StepOutputs {
  readonly #records: ReadonlyMap<string, StepRecord>;

  constructor(records: readonly StepRecord[]) {
    this.#records = new Map(records.map((record) => [record.occurrence, record]));
  }

  /** Of a step that has succeeded, in the iteration with this path. */
  of(step: Step, prefix: string): KnownValue | undefined {
    if ('parallel' in step) return this.#merged(step.parallel.flat(), prefix);
    if ('forEach' in step) return this.#list(step.forEach.steps, `${prefix}${step.id}/`);
    const record = this.#records.get(`${prefix}${step.id}`);
    return record?.status === 'SUCCEEDED' ? { value: resultOf(record) } : undefined;
  }

  /** What a scope leaves behind: a field for each of its steps that has a value. */
  #merged(steps: readonly Step[], prefix: string): KnownValue | undefined {
    const fields: [string, unknown][] = [];
    for (const step of steps) {
      if ('wait' in step) continue;
      if ('choose' in step) {
        const inner = this.#merged(
          blocksOf(step, '').flatMap((block) => block.steps),
          prefix,
        );
        if (inner) fields.push(...Object.entries(Object(inner.value)));
        continue;
      }
      const known = this.of(step, prefix);
      if (known) fields.push([step.id, known.value]);
      else if (!this.#mayBeMissing(step, prefix)) return undefined;
    }
    return { value: Object.fromEntries(fields) };
  }

  /** A step that was not run, or that failed and was passed over. */
  #mayBeMissing(step: Step, prefix: string): boolean {
    const record = this.#records.get(`${prefix}${step.id}`);
    if (record) return record.status !== 'RUNNING';
    return !this.#isTouched(`${prefix}${step.id}/`);
  }

  #isTouched = (prefix: string): boolean =>
    [...this.#records.keys()].some((occurrence) => occurrence.startsWith(prefix));

  #list(steps: readonly Step[], prefix: string): KnownValue | undefined {
    const indexes = this.#indexes(prefix);
    if (indexes.length === 0) return steps.some(leavesRecord) ? { value: [] } : undefined;
    const items = Array.from({ length: Math.max(...indexes) + 1 }, (_item, index) =>
      indexes.includes(index) ? this.#merged(steps, `${prefix}${index}/`) : undefined,
    );
    return items.every((item) => item !== undefined) ? { value: items.map((item) => item.value) } : undefined;
  }

  #indexes(prefix: string): number[] {
    const inside = [...this.#records.keys()].filter((occurrence) => occurrence.startsWith(prefix));
    return [...new Set(inside.map((occurrence) => Number(occurrence.slice(prefix.length).split('/')[0])))];
  }
}

/** Whether each iteration leaves a record of this step. */
const leavesRecord = (step: Step): boolean =>
  'parallel' in step
    ? step.parallel.flat().some(leavesRecord)
    : 'call' in step || 'approval' in step || 'workflow' in step;
