/** What was found of one value under one schema. */
import { type Fault, mostFaults } from '../../base/errors.ts';
import { pathText } from '../../base/faults.ts';

export type Step = string | number;

export interface Outcome {
  /** The first hundred. */
  readonly faults: readonly Fault[];
  /** How many there are besides. */
  readonly more: number;
  /** Fields and items that some keyword has looked at, for `unevaluatedProperties` and `unevaluatedItems`. */
  readonly seen: ReadonlySet<Step>;
  /** Whether it depends on what is not known (unknown-value.ts): that there are no faults then proves nothing. */
  readonly open: boolean;
}

/** Nothing speaks against it. */
export const isValid = ({ faults }: Outcome): boolean => faults.length === 0;
/** It holds whatever the unknown comes to. */
export const isCertain = (outcome: Outcome): boolean => isValid(outcome) && !outcome.open;

export class CollectedFaults implements Outcome {
  readonly faults: Fault[] = [];
  more = 0;
  readonly seen = new Set<Step>();
  open = false;
  readonly #path: readonly Step[];

  constructor(path: readonly Step[]) {
    this.#path = path;
  }

  report(below: readonly Step[], message: string): void {
    if (this.faults.length < mostFaults)
      this.faults.push({ path: pathText([...this.#path, ...below]), message });
    else this.more += 1;
  }

  /** Of a schema for the same value: what it has seen counts when it holds. */
  take(outcome: Outcome): void {
    this.takeFaults(outcome);
    if (isValid(outcome)) for (const step of outcome.seen) this.seen.add(step);
  }

  takeFaults({ faults, more, open }: Outcome): void {
    const kept = faults.slice(0, mostFaults - this.faults.length);
    this.faults.push(...kept);
    this.more += more + faults.length - kept.length;
    this.depend({ open });
  }

  depend({ open }: Pick<Outcome, 'open'>): void {
    this.open ||= open;
  }

  takeAny(outcomes: readonly Outcome[]): void {
    const valid = outcomes.filter(isValid);
    const taken = valid.length > 0 ? valid : outcomes;
    for (const outcome of taken) this.take(outcome);
    if (outcomes.length > 0 && valid.length === 0)
      this.report([], 'must be as one of `anyOf` of the schema says');
  }

  takeOne(outcomes: readonly Outcome[]): void {
    const valid = outcomes.filter(isValid);
    const certain = valid.filter(isCertain);
    if (certain.length > 1)
      this.report([], `must be as exactly one of \`oneOf\` of the schema says, and is as ${certain.length}`);
    for (const outcome of valid.length > 0 ? valid : outcomes) this.take(outcome);
    if (outcomes.length > 0 && valid.length === 0)
      this.report([], 'must be as one of `oneOf` of the schema says');
  }
}
