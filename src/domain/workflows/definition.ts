/**
 * The workflow format: what a definition may say, with every default and bound. It decides shape only; what
 * the parts mean to each other (names, references, services) is decided in validate.ts.
 */
import * as z from 'zod';

export const workflowNamePattern = /^[a-z][a-z0-9-]{0,62}$/;
export const stepIdPattern = /^[a-z][A-Za-z0-9_]{0,39}$/;

/** A string which is one JSONata expression as a whole, as in ASL. Its syntax is checked in validate.ts. */
const wholeExpression = /^\{%[\s\S]*%\}$/;

/** Step Functions: an inline Map runs at most 40 iterations at a time. */
const MAX_CONCURRENCY = 40;
/** Step Functions: the longest Wait, in seconds. */
const MAX_WAIT_SECONDS = 99_999_999;
/** Step Functions: an execution lasts at most a year. */
const MAX_EXECUTION_SECONDS = 31_536_000;
/** Step Functions: `MaxDelaySeconds` stays below this. */
const MAX_DELAY_SECONDS = 31_622_399;

const Name = z
  .string()
  .regex(workflowNamePattern, 'must be a lower-case letter, then up to 62 lower-case letters, digits or "-"');
const Id = z
  .string()
  .regex(stepIdPattern, 'must be a lower-case letter, then up to 39 letters, digits or "_"')
  .describe('A name, unique in the workflow ignoring case. Expressions read the value of a step as $id.');
const Expression = z
  .string()
  .regex(wholeExpression, 'must be an expression, as in "{% $input.id %}"')
  .describe('A JSONata expression in {% %}. It may use $input, $execution, earlier steps and forEach names.');
/** Any JSON. Written here once, so that the published schema names it once. */
const Json: z.ZodType<Json> = z
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
const Service = Name.describe('The name of a registered service.');

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
  headers: ObjectTemplate.optional().describe('Request headers.'),
  body: Json.optional().describe('The JSON body; strings in {% %} are evaluated.'),
});

const RequestCall = z
  .strictObject({ service: Service, request: Request })
  .describe('Sends a request to a REST service.');

const Call = z.union([ToolCall, RequestCall]);
export type Call = z.infer<typeof Call>;

const Compensation = z
  .strictObject({ service: Service, tool: Tool, arguments: z.record(z.string(), Json).default({}) })
  .describe('The call that undoes this one; its arguments may also use the result of the step itself.');
export type Compensation = z.infer<typeof Compensation>;

const Retry = z
  .strictObject({
    maxAttempts: z.int().min(1).max(100).describe('Calls allowed in all, the first one included.'),
    intervalSeconds: z.int().min(1).max(86_400).default(1).describe('Seconds before the second call.'),
    backoffRate: z
      .number()
      .min(1)
      .max(10)
      .default(2)
      .describe('What each further interval is multiplied by.'),
    maxDelaySeconds: z
      .int()
      .min(1)
      .max(MAX_DELAY_SECONDS)
      .optional()
      .describe('No interval is longer, in seconds.'),
  })
  .refine((retry) => retry.maxDelaySeconds === undefined || retry.maxDelaySeconds >= retry.intervalSeconds, {
    path: ['maxDelaySeconds'],
    error: 'must be at least intervalSeconds',
  })
  .describe('Calls again after transient errors, with full jitter.');

const CallStep = z
  .strictObject({
    id: Id,
    call: Call,
    timeoutSeconds: z.int().min(1).max(840).default(30).describe('Deadline of each attempt, in seconds.'),
    retry: Retry.optional(),
    onFailure: z
      .enum(['fail', 'continue'])
      .default('fail')
      .describe('What a call that fails in the end does to the workflow: it fails too, or it goes on.'),
    select: Expression.optional().describe('An expression over $result: what later expressions see of it.'),
    compensate: Compensation.optional(),
  })
  .describe('Calls a service.');

const Wait = z.union([
  z.strictObject({
    seconds: z
      .union([z.int().min(0).max(MAX_WAIT_SECONDS), Expression], {
        error: `must be a whole number of seconds from 0 to ${MAX_WAIT_SECONDS}, or an expression`,
      })
      .describe('How long, in seconds.'),
  }),
  z.strictObject({
    until: z
      .union([z.iso.datetime({ offset: true }), Expression], {
        error: 'must be a time such as "2026-11-23T09:30:00Z", or an expression',
      })
      .describe('Until when: an ISO 8601 time with its zone.'),
  }),
]);

const WaitStep = z.strictObject({ id: Id, wait: Wait }).describe('Waits; has no value.');

const stepsOf = (what: string) => z.array(z.lazy(() => Step)).min(1, `${what} needs at least one step`);

const ChooseStep = z
  .strictObject({
    id: Id,
    choose: z
      .array(
        z.strictObject({
          when: Expression.describe('Must come to true or false.'),
          steps: stepsOf('a branch').describe('Run when this is the first condition that is true.'),
        }),
      )
      .min(1, 'needs at least one branch'),
    otherwise: stepsOf('otherwise').optional().describe('Run when no condition is true.'),
  })
  .describe('Runs the steps of the first branch whose condition is true; has no value.');

const ParallelStep = z
  .strictObject({
    id: Id,
    parallel: z.array(stepsOf('a branch')).min(1, 'needs at least one branch'),
  })
  .describe('Runs branches at the same time; its value has a field for each step of its branches.');

const ForEach = z.strictObject({
  items: z
    .union([z.array(Json), Expression], { error: 'must be an array, or an expression' })
    .describe('What to go through. One value counts as an array of one, nothing as an empty one.'),
  as: Id.describe('The name of the item in the expressions of the inner steps.'),
  maxConcurrency: z
    .int()
    .min(1)
    .max(MAX_CONCURRENCY)
    .default(10)
    .describe('How many items are worked on at the same time.'),
  steps: stepsOf('forEach'),
});

const ForEachStep = z
  .strictObject({ id: Id, forEach: ForEach })
  .describe(
    'Runs steps for each item; its value is an array of {id: value} objects in the order of the items.',
  );

/** What a step can be: each kind is told by the field of its name. */
export const stepKinds = ['call', 'choose', 'parallel', 'forEach', 'wait'] as const;
export type StepKind = (typeof stepKinds)[number];

export type CallStep = z.infer<typeof CallStep>;
export type WaitStep = z.infer<typeof WaitStep>;
export interface ChooseStep {
  id: string;
  choose: { when: string; steps: Step[] }[];
  otherwise?: Step[] | undefined;
}
export interface ParallelStep {
  id: string;
  parallel: Step[][];
}
export interface ForEachStep {
  id: string;
  forEach: { items: string | Json[]; as: string; maxConcurrency: number; steps: Step[] };
}
export type Step = CallStep | ChooseStep | ParallelStep | ForEachStep | WaitStep;

/** In the order of `stepKinds`: faults of a step are read from the member of its kind. */
const Step: z.ZodType<Step> = z.union([CallStep, ChooseStep, ParallelStep, ForEachStep, WaitStep]).meta({
  id: 'Step',
  description: 'Exactly one of call, choose, parallel, forEach and wait says what it does.',
});

/** A workflow definition with all defaults filled in. */
export const WorkflowDefinition = z
  .strictObject({
    name: Name.describe('The name of the workflow.'),
    description: z.string().max(2_000).optional().describe('For people.'),
    inputSchema: z
      .record(z.string(), Json)
      .optional()
      .describe('JSON Schema 2020-12 which the input must match.'),
    timeoutSeconds: z
      .int()
      .min(1)
      .max(MAX_EXECUTION_SECONDS)
      .default(3_600)
      .describe('Deadline of the whole execution, in seconds.'),
    steps: stepsOf('a workflow').describe('Run one after the other.'),
    output: z
      .json()
      .optional()
      .describe('The result, with expressions in {% %}; without it, an object with the value of each step.'),
  })
  .describe('A workflow over registered services.');
export type WorkflowDefinition = z.infer<typeof WorkflowDefinition>;

/** The format as JSON Schema 2020-12 (what `docs/workflow.schema.json` holds), so that editors complete it. */
export function renderWorkflowSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(WorkflowDefinition, { target: 'draft-2020-12', io: 'input' }) };
}
