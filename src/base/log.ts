/**
 * Where log lines go. They carry ids, names, codes and durations; never payloads, secrets or texts of services. Nothing
 * filters them: whoever writes a line leaves those out, and `test/e2e/log.test.ts` looks for them.
 */
type Line = (message: string, fields?: Record<string, unknown>) => void;

export interface Log {
  readonly debug: Line;
  readonly info: Line;
  readonly warn: Line;
  readonly error: Line;
}
