/**
 * What a Task calls: `lambda:invoke`, a function by its bare ARN, or `states:startExecution`; with
 * `.waitForTaskToken` or `.sync:2` where the engine has them. Every other integration is refused.
 */
import { isExpressionText } from '../jsonata/template.ts';
import type { AslTask } from './schema.ts';

/** How a Task gets its result: at once from what it calls, from a callback, or from the end of what it started. */
export type Pattern = 'request-response' | 'waitForTaskToken' | 'sync:2';

export type TaskTarget =
  | { readonly service: 'function'; readonly arn: string; readonly pattern: 'request-response' }
  | { readonly service: 'lambda'; readonly pattern: Exclude<Pattern, 'sync:2'> }
  | { readonly service: 'states'; readonly pattern: Pattern };

interface Judged {
  readonly target: TaskTarget;
  readonly faults: readonly { readonly at: string; readonly message: string }[];
}

const integration = /^arn:[\w-]+:states:[\w-]*:\d*:(lambda:invoke|states:startExecution)(?:\.([\w:]+))?$/;
const functionArn = /^arn:[\w-]+:lambda:[\w-]+:\d+:function:[\w-]+(:[\w$-]+)?$/;

/** The arguments of each service: the required one, and all. */
const argumentsOf = {
  lambda: { action: 'lambda:invoke', needed: 'FunctionName', known: new Set(['FunctionName', 'Payload']) },
  states: {
    action: 'states:startExecution',
    needed: 'StateMachineArn',
    known: new Set(['StateMachineArn', 'Input', 'Name', 'TraceHeader']),
  },
};

function argumentFaults(service: keyof typeof argumentsOf, args: unknown): Judged['faults'] {
  const { action, needed, known } = argumentsOf[service];
  if (typeof args === 'string' && isExpressionText(args)) return [];
  if (typeof args !== 'object' || args === null || !(needed in args)) {
    return [{ at: '/Arguments', message: `The field '${needed}' is required` }];
  }
  const unknown = Object.keys(args).filter((name) => !known.has(name));
  return unknown.map((name) => ({
    at: `/Arguments/${name}`,
    message: `The local engine does not support the argument '${name}' of ${action}`,
  }));
}

const invokes: TaskTarget = { service: 'lambda', pattern: 'request-response' };

/** Integrations of AWS that the engine does not have. (AWS: Integrating services with Step Functions.) */
const ofAws = new RegExp(
  `^arn:[\\w-]+:states:[\\w-]*:\\d*:(?:${[
    'aws-sdk:[a-z0-9]+:[a-z][A-Za-z0-9]+',
    'dynamodb:(?:getItem|putItem|deleteItem|updateItem)',
    'sns:publish',
    'sqs:sendMessage',
    'events:putEvents',
    'apigateway:invoke',
    'http:invoke',
    'bedrock:(?:invokeModel|createModelCustomizationJob)',
    '(?:batch|ecs|eks|glue|databrew|sagemaker|athena|codebuild|mediaconvert|elasticmapreduce|emr-containers|emr-serverless):[a-z][A-Za-z]+',
  ].join('|')})(?:\\.(?:sync(?::2)?|waitForTaskToken))?$`,
);

function unknownResource(resource: string): Judged {
  if (ofAws.test(resource)) {
    const known = `The resource ${resource} is valid on AWS and not supported by the local engine`;
    return { target: invokes, faults: [{ at: '/Resource', message: known }] };
  }
  const reason = 'The value is not a valid resource ARN, or the resource is not available in this region.';
  const message = `The resource provided ${resource} is not recognized. ${reason}`;
  return { target: invokes, faults: [{ at: '/Resource', message }] };
}

function targetOf(action: string | undefined, pattern = 'request-response'): TaskTarget | undefined {
  const known = (['request-response', 'waitForTaskToken', 'sync:2'] as const).find((one) => one === pattern);
  if (known === undefined) return undefined;
  if (action === 'states:startExecution') return { service: 'states', pattern: known };
  return known === 'sync:2' ? undefined : { service: 'lambda', pattern: known };
}

export function taskTarget({ Resource, Arguments }: AslTask): Judged {
  if (functionArn.test(Resource))
    return { target: { service: 'function', arn: Resource, pattern: 'request-response' }, faults: [] };
  const [matched, action, pattern] = integration.exec(Resource) ?? [];
  const target = matched === undefined ? undefined : targetOf(action, pattern);
  if (target === undefined || target.service === 'function') return unknownResource(Resource);
  return { target, faults: argumentFaults(target.service, Arguments) };
}
