/** What the evaluated arguments of a Task call. Without a payload, Lambda gets an empty object. */
import * as z from 'zod';
import { parseInput } from '../../../src/base/parse-input.ts';
import type { Entry } from './entry.ts';
import type { Callee } from './frame.ts';
import { StateFailure } from './state-failure.ts';

const Invocation = z.strictObject({ FunctionName: z.string().min(1), Payload: z.unknown().optional() });

const Start = z.strictObject({
  StateMachineArn: z.string().min(1),
  Input: z.unknown().optional(),
  Name: z.string().optional(),
  TraceHeader: z.string().optional(),
});

function parsed<T>(shape: z.ZodType<T>, action: string, parameters: unknown): T {
  const result = parseInput(shape, parameters);
  if (result.success) return result.data;
  const reasons = result.error.issues.map(
    (issue) => `${issue.path.join('.') || 'Arguments'}: ${issue.message}`,
  );
  const cause = `The arguments of ${action} are not valid. ${reasons.join('; ')}`;
  throw new StateFailure('States.Runtime', cause);
}

type Scheduled = Pick<Entry, 'type' | 'resource' | 'parameters' | 'input' | 'functionName' | 'childName'>;

/** Throws `StateFailure` (`States.Runtime`) for arguments that the service does not take here. */
export function calleeOf(entry: Scheduled): Callee {
  if (entry.type === 'LambdaFunctionScheduled')
    return { functionName: entry.functionName ?? '', payload: entry.input };
  if (entry.resource?.startsWith('states:')) {
    const { StateMachineArn, Input, Name } = parsed(Start, 'states:startExecution', entry.parameters);
    return { machineArn: StateMachineArn, name: Name ?? entry.childName ?? '', input: Input ?? {} };
  }
  const { FunctionName, Payload } = parsed(Invocation, 'lambda:invoke', entry.parameters);
  return { functionName: FunctionName, payload: Payload ?? {} };
}
