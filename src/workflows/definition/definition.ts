/**
 * The workflow format: what a definition may say, with every default and bound. It decides shape only; what
 * the parts mean to each other (names, references, services) is decided in validate.ts.
 */
import * as z from 'zod';
import { wholeNumber } from '../../base/bounded-number.ts';
import { CallStep, Expression, Id, Json, Name } from './call-definition.ts';

export type { Call, CallStep, Compensation, Json, Request } from './call-definition.ts';
export { stepIdPattern } from './call-definition.ts';

/** Step Functions: an inline Map runs at most 40 iterations at a time. */
const MAX_CONCURRENCY = 40;
/** Step Functions: the longest Wait, in seconds. */
export const MAX_WAIT_SECONDS = 99_999_999;
/** Step Functions: an execution lasts at most a year. */
const MAX_EXECUTION_SECONDS = 31_536_000;

const waitError = `must be a whole number of seconds from 0 to ${MAX_WAIT_SECONDS}, such as 60, or an expression`;
const wholeSeconds = z
  .int({ error: waitError })
  .min(0, { error: waitError })
  .max(MAX_WAIT_SECONDS, { error: waitError });

const Wait = z.union([
  z.strictObject({
    seconds: z.union([wholeSeconds, Expression], { error: waitError }).describe('How long, in seconds.'),
  }),
  z.strictObject({
    until: z
      .union([z.iso.datetime({ offset: true }), Expression], {
        error: 'must be a time such as "2026-11-23T09:30:00Z", or an expression',
      })
      .meta({
        description: 'Until when: an ISO 8601 time with its zone.',
        examples: ['2026-11-27T14:30:00Z', '{% $input.sendAt %}'],
      }),
  }),
]);

const WaitStep = z
  .strictObject({ id: Id, wait: Wait.describe('How long, or until when.') })
  .describe('Waits; has no value.');

const stepsOf = (what: string) => z.array(z.lazy(() => Step)).min(1, `${what} needs at least one step`);

const ChooseStep = z
  .strictObject({
    id: Id,
    choose: z
      .array(
        z.strictObject({
          when: Expression.describe(
            'Must come to true or false. It cannot look into results over 32 KB: keep what is needed with select.',
          ),
          steps: stepsOf('a branch').describe('Run when this is the first condition that is true.'),
        }),
      )
      .min(1, 'needs at least one branch')
      .describe('The branches, in the order in which their conditions are asked.'),
    otherwise: stepsOf('otherwise').optional().describe('Run when no condition is true.'),
  })
  .describe('Runs the steps of the first branch whose condition is true; has no value.');

const ParallelStep = z
  .strictObject({
    id: Id,
    parallel: z
      .array(stepsOf('a branch'))
      .min(1, 'needs at least one branch')
      .describe('The branches, each a list of steps.'),
  })
  .describe('Runs branches at the same time; its value has a field for each step of its branches.');

const ForEach = z.strictObject({
  items: z
    .union([z.array(Json), Expression], { error: 'must be an array, or an expression' })
    .describe(
      'What to go through. One value counts as an array of one. Null is an error, and so is a path that leads nowhere; a filter or a function that finds nothing gives no items. Items come from results of at most 32 KB: keep what is needed with select.',
    ),
  optional: z
    .boolean()
    .default(false)
    .describe('Whether items that are not there, or null, are no items instead of an error.'),
  as: Id.describe('The name of the item in the expressions of the inner steps.'),
  maxConcurrency: wholeNumber({ from: 1, to: MAX_CONCURRENCY, example: 5 })
    .default(10)
    .describe('How many items are worked on at the same time.'),
  steps: stepsOf('forEach').describe('Run for each item.'),
});

const ForEachStep = z
  .strictObject({ id: Id, forEach: ForEach.describe('The items, and what to do with each.') })
  .describe(
    'Runs steps for each item; its value is an array of {id: value} objects in the order of the items.',
  );

const deadlineSeconds = wholeNumber({ from: 1, to: MAX_EXECUTION_SECONDS, example: 3_600 })
  .optional()
  .describe('How long to wait, in seconds; as long as the workflow may run when left out.');
const onFailure = z.enum(['fail', 'continue']).default('fail');

const ApprovalStep = z
  .strictObject({
    id: Id,
    approval: z
      .strictObject({
        message: z
          .string()
          .min(1)
          .max(8_192)
          .optional()
          .describe('What is asked for, for people; may be an expression.'),
        details: Json.optional().describe('What the decision is about; strings in {% %} are evaluated.'),
      })
      .describe('What whoever decides is shown.'),
    timeoutSeconds: deadlineSeconds,
    onFailure: onFailure.describe(
      'What a rejection or a time-out does to the workflow: it fails, or it goes on.',
    ),
  })
  .describe('Waits for approve_step or reject_step; its value is {approved, by, at, comment}.');

const WorkflowStep = z
  .strictObject({
    id: Id,
    workflow: z
      .strictObject({
        name: Name.describe('The workflow to run, in its newest version.'),
        input: Json.default({}).describe('Its input; strings in {% %} are evaluated.'),
      })
      .describe('What to run.'),
    timeoutSeconds: deadlineSeconds,
    onFailure: onFailure.describe(
      'What an execution that does not succeed does to the workflow: it fails, or it goes on.',
    ),
  })
  .describe('Runs another workflow as an execution of its own; its value is the output of that.');

/** What a step can be: each kind is told by the field of its name. */
export const stepKinds = ['call', 'choose', 'parallel', 'forEach', 'wait', 'approval', 'workflow'] as const;
export type StepKind = (typeof stepKinds)[number];

export type WaitStep = z.infer<typeof WaitStep>;
export type ApprovalStep = z.infer<typeof ApprovalStep>;
export type WorkflowStep = z.infer<typeof WorkflowStep>;
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
  forEach: { items: string | Json[]; optional: boolean; as: string; maxConcurrency: number; steps: Step[] };
}
export type Step =
  | CallStep
  | ChooseStep
  | ParallelStep
  | ForEachStep
  | WaitStep
  | ApprovalStep
  | WorkflowStep;

/** In the order of `stepKinds`: faults of a step are read from the member of its kind. */
const Step: z.ZodType<Step> = z
  .union([CallStep, ChooseStep, ParallelStep, ForEachStep, WaitStep, ApprovalStep, WorkflowStep])
  .meta({ id: 'Step', description: `Exactly one of ${stepKinds.join(', ')} says what it does.` });

/** What authors and agents see before they write one. */
export const exampleDefinition = {
  name: 'triage',
  inputSchema: {
    type: 'object',
    required: ['id'],
    properties: { id: { type: 'string', description: 'Id of the mail' } },
  },
  steps: [
    {
      id: 'fetch',
      call: { service: 'gmail', tool: 'get_email', arguments: { id: '{% $input.id %}' } },
      retry: { maxAttempts: 3 },
    },
    {
      id: 'classify',
      call: { service: 'classifier', tool: 'classify_email', arguments: { email: '{% $fetch %}' } },
    },
  ],
  output: '{% $classify.category %}',
};

/** A workflow definition with all defaults filled in. */
export const WorkflowDefinition = z
  .strictObject({
    name: Name.describe('The name of the workflow.'),
    description: z.string().max(2_000).optional().describe('For people.'),
    inputSchema: z
      .record(z.string(), Json)
      .optional()
      .describe('JSON Schema 2020-12 which the input must match.'),
    timeoutSeconds: wholeNumber({ from: 1, to: MAX_EXECUTION_SECONDS, example: 3_600 })
      .default(3_600)
      .describe('Deadline of the whole execution, in seconds.'),
    steps: stepsOf('a workflow').describe('Run one after the other.'),
    output: Json.optional().describe(
      'The result, with expressions in {% %}; without it, an object with the value of each step.',
    ),
  })
  .meta({ description: 'A workflow over registered services.', examples: [exampleDefinition] });
export type WorkflowDefinition = z.infer<typeof WorkflowDefinition>;

/** The format as JSON Schema 2020-12 (what `docs/workflow.schema.json` holds), so that editors complete it. */
export function renderWorkflowSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(WorkflowDefinition, { target: 'draft-2020-12', io: 'input' }) };
}
