/** The functions that a state machine invokes, as calls of its role. */
import * as z from 'zod';
import type { DeployedMachine } from './deployment.ts';
import type { Call } from './permission.ts';

const Invocation = z.looseObject({
  Resource: z.string().regex(/^arn:aws:states:::lambda:invoke/),
  Arguments: z.looseObject({ FunctionName: z.string() }),
});

const Task = z.looseObject({ Type: z.literal('Task') });

/** Throws for a task of another kind: what that calls is not known here. */
export function invocationsOf({ definition }: Pick<DeployedMachine, 'definition'>): Call[] {
  const calls: Call[] = [];
  JSON.parse(definition, (_key, value: unknown) => {
    if (Task.safeParse(value).success)
      calls.push({
        action: 'lambda:InvokeFunction',
        resource: Invocation.parse(value).Arguments.FunctionName,
      });
    return value;
  });
  return calls;
}
