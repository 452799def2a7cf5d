/** What the evaluated arguments of `lambda:invoke` call. Without a payload, Lambda gets an empty object. */
import * as z from 'zod';
import { StateFailure } from './state-failure.ts';

const Arguments = z.strictObject({ FunctionName: z.string().min(1), Payload: z.unknown().optional() });

/** Throws `StateFailure` (`States.Runtime`) for arguments that `lambda:invoke` does not take here. */
export function invokeTarget(parameters: unknown): { functionName: string; payload: unknown } {
  const parsed = Arguments.safeParse(parameters);
  if (!parsed.success) {
    const reasons = parsed.error.issues.map(
      (issue) => `${issue.path.join('.') || 'Arguments'}: ${issue.message}`,
    );
    throw new StateFailure(
      'States.Runtime',
      `The arguments of lambda:invoke are not valid. ${reasons.join('; ')}`,
    );
  }
  return { functionName: parsed.data.FunctionName, payload: parsed.data.Payload ?? {} };
}
