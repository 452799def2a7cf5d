/** Reads a function's configuration from its environment: every fault at once, no hopeful defaults. */
import * as z from 'zod/mini';
import { faultsOf } from '../base/faults.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Throws one error that names every variable that is missing or wrong. */
export function readConfig<T>(shape: z.core.$ZodType<T>, env: Environment): T {
  const parsed = z.safeParse(shape, env);
  if (parsed.success) return parsed.data;
  const faults = faultsOf(parsed.error).map(({ path, message }) => `${path}: ${message}`);
  throw new Error(`The environment is not valid: ${faults.join('; ')}`);
}
