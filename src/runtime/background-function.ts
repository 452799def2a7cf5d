/** A function that no client calls. */
export interface BackgroundFunction<Output> {
  (event: unknown): Promise<Output>;
  close(): void;
}

export const backgroundFunction = <Output>(
  run: (event: unknown) => Promise<Output>,
  context: { close(): void },
): BackgroundFunction<Output> => Object.assign(run, { close: () => context.close() });
