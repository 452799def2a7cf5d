/** A log that goes nowhere is found out at start, not when somebody looks for it. */
import { closeSync, openSync } from 'node:fs';
import { resolve } from 'node:path';

/** `console` or `file:PATH`. Throws when the file cannot be written. */
export function refuseUnwritableLog(output: string): void {
  if (!output.startsWith('file:')) return;
  const path = resolve(output.slice('file:'.length));
  try {
    closeSync(openSync(path, 'a', 0o600));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`LOG_OUTPUT: the file ${path} cannot be written (${why})`, { cause: error });
  }
}
