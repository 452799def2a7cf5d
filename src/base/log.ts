/** Where log lines go. They carry ids, names, codes and durations; never payloads or secrets. */
type Line = (message: string, fields?: Record<string, unknown>) => void;

export interface Log {
  readonly debug: Line;
  readonly info: Line;
  readonly warn: Line;
  readonly error: Line;
}
