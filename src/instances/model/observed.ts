/** What a driver says of one start of an instance. */

/** `PENDING`: accepted, nothing runs yet. `GONE`: the platform knows nothing of it, or nothing any more. */
export type ObservedState = 'PENDING' | 'RUNNING' | 'EXITED' | 'GONE';

export interface Observed {
  readonly state: ObservedState;
  /** What the platform calls it. */
  readonly ref?: string | undefined;
  /** Where it is called, as soon as that is known: an http or https url, of an MCP service with its path. */
  readonly url?: string | undefined;
  /** Of one that has ended: how, in words such as `with code 1`, and the last lines that it said. */
  readonly exit?: { readonly how: string; readonly lastLines?: readonly string[] | undefined } | undefined;
}
