/** What a Task calls: `lambda:invoke`, or a function by its bare ARN. Every other integration is refused. */
import { isExpressionText } from '../jsonata/template.ts';
import type { AslTask } from './schema.ts';

export interface TaskTarget {
  readonly functionArn: string | undefined;
  readonly faults: readonly { readonly at: string; readonly message: string }[];
}

const lambdaInvoke = /^arn:[\w-]+:states:[\w-]*:\d*:lambda:invoke$/;
const functionArn = /^arn:[\w-]+:lambda:[\w-]+:\d+:function:[\w-]+(:[\w$-]+)?$/;
const invokeArguments = new Set(['FunctionName', 'Payload']);

function invokeFaults(args: unknown): TaskTarget['faults'] {
  if (typeof args === 'string' && isExpressionText(args)) return [];
  if (typeof args !== 'object' || args === null || !('FunctionName' in args)) {
    return [{ at: '/Arguments', message: "The field 'FunctionName' is required" }];
  }
  const unknown = Object.keys(args).filter((name) => !invokeArguments.has(name));
  return unknown.map((name) => ({
    at: `/Arguments/${name}`,
    message: `The local engine does not support the argument '${name}' of lambda:invoke`,
  }));
}

function unknownResource(resource: string): TaskTarget {
  const reason = 'The value is not a valid resource ARN, or the resource is not available in this region.';
  const message = `The resource provided ${resource} is not recognized. ${reason}`;
  return { functionArn: undefined, faults: [{ at: '/Resource', message }] };
}

export function taskTarget(task: AslTask): TaskTarget {
  if (lambdaInvoke.test(task.Resource))
    return { functionArn: undefined, faults: invokeFaults(task.Arguments) };
  if (functionArn.test(task.Resource)) return { functionArn: task.Resource, faults: [] };
  return unknownResource(task.Resource);
}
