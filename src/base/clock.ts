/** Time comes in: nothing here or above asks the system for it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

export const isoNow = (clock: Clock): string => new Date(clock.now()).toISOString();
