/** A function that no client calls. */
export interface Task<Output> {
  (event: unknown): Promise<Output>;
  close(): void;
}

export const task = <Output>(
  run: (event: unknown) => Promise<Output>,
  context: { close(): void },
): Task<Output> => Object.assign(run, { close: () => context.close() });
