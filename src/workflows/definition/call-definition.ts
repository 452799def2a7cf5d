/**
 * The format of a call: which service, with what, for how long and how often; and the names, expressions and
 * templates that the whole format is made of. It decides shape only, as definition.ts does.
 */
import * as z from 'zod';
import { anyNumber, wholeNumber } from '../../base/bounded-number.ts';
import { ServiceReference } from '../../registry/services/model/service-reference.ts';

const workflowNamePattern = /^[a-z][a-z0-9-]{0,62}$/;
export const stepIdPattern = /^[a-z][A-Za-z0-9_]{0,39}$/;

/** A string which is one JSONata expression as a whole, as in ASL. Its syntax is checked in validate.ts. */
const wholeExpression = /^\{%[\s\S]*%\}$/;

/** Step Functions: `MaxDelaySeconds` stays below this. */
const MAX_DELAY_SECONDS = 31_622_399;

export const Name = z
  .string()
  .regex(workflowNamePattern, 'must be a lower-case letter, then up to 62 lower-case letters, digits or "-"');
export const Id = z
  .string()
  .regex(stepIdPattern, 'must be a lower-case letter, then up to 39 letters, digits or "_"')
  .describe('A name, unique in the workflow ignoring case. Expressions read the value of a step as $id.');
export const Expression = z
  .string()
  .regex(wholeExpression, 'must be an expression, as in "{% $input.id %}"')
  .meta({
    description:
      'A JSONata expression in {% %}. It may use $input, $execution, earlier steps and forEach names.',
    examples: ['{% $input.id %}', '{% $fetch.subject %}', '{% $count($fetch.items) > 0 %}'],
  });
/** Any JSON. Written here once, so that the published schema names it once. */
export const Json: z.ZodType<Json> = z
  .union([
    z.string(),
    z.number(),
    z.boolean(),
    z.null(),
    z.array(z.lazy(() => Json)),
    z.record(
      z.string(),
      z.lazy(() => Json),
    ),
  ])
  .meta({ id: 'Json', description: 'Any JSON value.' });
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

const ObjectTemplate = z
  .union([z.record(z.string(), Json), Expression], {
    error: 'must be an object, or an expression as in "{% $input %}"',
  })
  .describe('An object. Every string in it that is written as {% … %} is evaluated.');

const Tool = z
  .string()
  .min(1)
  .max(128)
  .refine((name) => !name.includes('{%'), 'must be a name, not an expression')
  .describe('The name of the MCP tool.');
const Service = ServiceReference.describe(
  'The name of a registered service, perhaps with a range of its versions: gmail, or gmail@^1.2.',
);

const ToolCall = z
  .strictObject({
    service: Service,
    tool: Tool,
    arguments: ObjectTemplate.default({}).describe(
      'The arguments of the tool; strings in {% %} are evaluated.',
    ),
  })
  .describe('Calls a tool of an MCP service.');

const Request = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).describe('The HTTP method.'),
  path: z
    .string()
    .max(8_192)
    .refine((path) => path.startsWith('/') || wholeExpression.test(path), {
      error: 'must start with "/", or be an expression',
    })
    .describe('The path below the registered url of the service; may be an expression.'),
  query: ObjectTemplate.optional().describe('Query values; an array repeats the parameter.'),
  headers: ObjectTemplate.optional().describe(
    'Request headers. None that hold credentials, such as Authorization, Cookie or X-Api-Key.',
  ),
  body: Json.optional().describe('The JSON body; strings in {% %} are evaluated.'),
});

export type Request = z.infer<typeof Request>;

const RequestCall = z
  .strictObject({ service: Service, request: Request.describe('What to send.') })
  .describe('Sends a request to a REST service.');

const Call = z.union([ToolCall, RequestCall]);
export type Call = z.infer<typeof Call>;

const Compensation = z.strictObject({
  service: Service,
  tool: Tool,
  arguments: z
    .record(z.string(), Json)
    .default({})
    .describe('As of a call; $<id of this step> is its result.'),
});
export type Compensation = z.infer<typeof Compensation>;

const Retry = z
  .strictObject({
    maxAttempts: wholeNumber({ from: 1, to: 100, example: 3 }).describe(
      'Calls allowed in all, the first one included.',
    ),
    intervalSeconds: wholeNumber({ from: 1, to: 86_400, example: 2 })
      .default(1)
      .describe('Seconds before the second call.'),
    backoffRate: anyNumber({ from: 1, to: 10, example: 1.5 })
      .default(2)
      .describe('What each further interval is multiplied by.'),
    maxDelaySeconds: wholeNumber({ from: 1, to: MAX_DELAY_SECONDS, example: 60 })
      .optional()
      .describe('No interval is longer, in seconds.'),
  })
  .refine((retry) => retry.maxDelaySeconds === undefined || retry.maxDelaySeconds >= retry.intervalSeconds, {
    path: ['maxDelaySeconds'],
    error: 'must be at least intervalSeconds',
  });

export const CallStep = z
  .strictObject({
    id: Id,
    call: Call.describe('What to call: a tool of an MCP service, or a request to a REST service.'),
    timeoutSeconds: wholeNumber({ from: 1, to: 840, example: 30 })
      .default(30)
      .describe('Deadline of each attempt, in seconds.'),
    retry: Retry.optional().describe('Calls again after transient errors, with full jitter.'),
    onFailure: z
      .enum(['fail', 'continue'])
      .default('fail')
      .describe('What a call that fails in the end does to the workflow: it fails too, or it goes on.'),
    select: Expression.optional().describe(
      'An expression over $result: what later expressions see of it, at most 4 MB of JSON.',
    ),
    compensate: Compensation.optional().describe(
      'The tool call that undoes this one, after a cancel, a failure or a time-out of the workflow.',
    ),
  })
  .describe('Calls a service.');
export type CallStep = z.infer<typeof CallStep>;
