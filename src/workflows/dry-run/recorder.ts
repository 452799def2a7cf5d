/** What a dry run shows: its steps as they come, what is wrong with them, and what it would have to know. */
import type { Fault } from '../../base/errors.ts';
import type { DryRun, DryStep } from './dry-run-answer.ts';
import { needsOf, unknownAsText } from './unknown-results.ts';

/** Ends the run before its end. */
export class Stopped extends Error {}

const mostSteps = 1_000;
const mostCharacters = 500_000;

export class Recorder {
  readonly #steps: DryStep[] = [];
  readonly #errors: Fault[] = [];
  readonly #needs = new Set<string>();
  #characters = 0;

  begin(entry: DryStep): void {
    this.#steps.push(entry);
  }

  end(entry: DryStep): void {
    this.#characters += JSON.stringify(entry).length;
  }

  /** Takes what is known of a step into its entry. */
  show(entry: DryStep, fields: Partial<DryStep>): void {
    for (const value of Object.values(fields)) this.need(entry, needsOf(value));
    Object.assign(entry, Object(unknownAsText(fields)));
  }

  need(entry: DryStep, needs: readonly string[]): void {
    if (needs.length > 0) entry.needs = [...new Set([...(entry.needs ?? []), ...needs])];
    for (const need of needs) this.#needs.add(need);
  }

  fail(faults: readonly Fault[]): void {
    this.#errors.push(...faults);
  }

  /** Throws Stopped when it is enough, or `whyStop` says why. */
  checkBounds(whyStop: (() => string | undefined) | undefined): void {
    const reason =
      this.#steps.length >= mostSteps
        ? `more than ${mostSteps} steps would run`
        : this.#characters > mostCharacters
          ? `it would show more than ${mostCharacters} characters`
          : whyStop?.();
    if (reason !== undefined) throw new Stopped(reason);
  }

  /** Of a run that came to its output; it is known only when nothing was needed. */
  succeeded(needsOfOutput: readonly string[]): DryRun {
    for (const need of needsOfOutput) this.#needs.add(need);
    return this.dryRun(this.#needs.size === 0 ? 'SUCCEEDED' : 'UNKNOWN');
  }

  dryRun(status: DryRun['status']): DryRun {
    return { status, steps: this.#steps, needs: [...this.#needs], errors: this.#errors };
  }
}
