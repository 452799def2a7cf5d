/** What a runner is told to run, and what it answers once it has begun. */

export interface RunnerOrder {
  /** The folder of all starts, absolute. */
  readonly instances: string;
  readonly key: string;
  readonly token: string;
  readonly service: string;
  readonly id: string;
  /** The program and its arguments; {port} stands for the port, in `env` too. */
  readonly command: readonly string[];
  /** All that the program finds in its environment, besides HOST and PORT. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly protocol: 'stdio' | 'http';
  /** A free one when left out. */
  readonly port?: number | undefined;
  /** Behind the port in its url. */
  readonly path: string;
  readonly stopGraceSeconds: number;
}

/** `taken`: this token has been started before. `refused`: trying again is of no use. `failed`: it may be. */
export type RunnerAnswer =
  | { readonly kind: 'started' }
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused' | 'failed'; readonly why: string };
