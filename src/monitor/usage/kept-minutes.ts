/** What a container has counted and not yet written, or may still add to: the minute that goes on, for each subject. */
import { emptyUsage, type Usage } from './model/usage.ts';
import type { Subject } from './store/usage-store.ts';

export interface KeptMinute {
  readonly subject: Subject;
  readonly minute: number;
  readonly usage: Usage;
  /** How often it was changed, and up to which change it is written. */
  changes: number;
  written: number;
}

/** While nothing can be written, no more than so many are kept. */
const mostKept = 5_000;

export class KeptMinutes {
  readonly #kept = new Map<string, KeptMinute>();
  #dropped = 0;

  /** The counts of a minute, which the caller changes now. */
  changed(subject: Subject, minute: number): Usage {
    const key = `${subject.kind} ${subject.name} ${minute}`;
    const kept = this.#kept.get(key) ?? this.#add(key, subject, minute);
    kept.changes += 1;
    return kept.usage;
  }

  unwritten(): KeptMinute[] {
    return [...this.#kept.values()].filter(({ changes, written }) => changes > written);
  }

  /** Those that are written and over are let go. */
  forgetWritten(thisMinute: number): void {
    for (const [key, { minute, changes, written }] of this.#kept)
      if (minute < thisMinute && changes === written) this.#kept.delete(key);
  }

  /** How many minutes were lost since this was asked last. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  #add(key: string, subject: Subject, minute: number): KeptMinute {
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= mostKept && oldest !== undefined) {
      this.#kept.delete(oldest);
      this.#dropped += 1;
    }
    const kept = { subject, minute, usage: emptyUsage(), changes: 0, written: 0 };
    this.#kept.set(key, kept);
    return kept;
  }
}
