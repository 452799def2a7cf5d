/** What is compared: each starts the three steps and gives their result, asked by the same plain client. */

export interface System {
  readonly name: string;
  /** A system of others, which the run goes on without. */
  readonly isPeer?: boolean;
  /** Its processes; what they started belongs to it too. Empty where the driver does the work. */
  readonly processes: readonly number[];
  /** From the start to the result, with the wait that is its own. Gives the answer. */
  run(delayMs: number): Promise<string>;
  /** Resolves when its processes are gone, and its data. */
  stop(): Promise<void>;
}

export interface DurableSystem extends System {
  /** What outlives what, once it is acknowledged: which sync it does. */
  readonly sync: string;
  /** Gives the id of the execution as soon as the start is acknowledged. */
  start(delayMs: number): Promise<string>;
  /** Whether it has succeeded; throws when it has ended otherwise. */
  hasEnded(id: string): Promise<boolean>;
}

/** What every execution starts with, and ends with. */
export const item = 'a parcel';
