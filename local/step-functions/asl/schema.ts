/**
 * The shape of a JSONata state machine, field by field (https://states-language.net/spec.html). Strict on purpose:
 * what this engine does not run, JSONPath fields and distributed Maps among it, is refused and never ignored.
 */
import * as z from 'zod';
import { isExpressionText } from '../jsonata/template.ts';

const expression = z.string().refine(isExpressionText, 'Expected a JSONata expression in {% %}');
/** Of seconds and counts. */
export const largest = 99_999_999;
const seconds = (least: number) => z.union([z.int().min(least).max(largest), expression]);
const timestamp = z
  .string()
  .refine((text) => isExpressionText(text) || isTimestamp(text), 'String does not match RFC3339 timestamp');

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** An RFC 3339 date-time with its offset, on a day and hour that exist. */
export const isTimestamp = (text: string): boolean =>
  rfc3339.test(text) && !Number.isNaN(Date.parse(text)) && isDay(text.slice(0, 10));

/** Without this 30 February would be the second of March. */
function isDay(text: string): boolean {
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

const variableName = z
  .string()
  .regex(
    /^[\p{ID_Start}_][\p{ID_Continue}]{0,79}$/u,
    'A variable name must be a JSONata identifier of at most 80 characters',
  )
  .refine((name) => name !== 'states', "The variable name 'states' is reserved");
const assign = z.record(variableName, z.unknown());

const Retrier = z.strictObject({
  Comment: z.string().optional(),
  ErrorEquals: z.array(z.string()).min(1),
  IntervalSeconds: z.int().min(1).max(largest).default(1),
  MaxAttempts: z.int().min(0).max(largest).default(3),
  BackoffRate: z.number().min(1).default(2),
  MaxDelaySeconds: z.int().min(1).max(31_622_399).optional(),
  JitterStrategy: z.enum(['FULL', 'NONE']).default('NONE'),
});

const Catcher = z.strictObject({
  Comment: z.string().optional(),
  ErrorEquals: z.array(z.string()).min(1),
  Next: z.string(),
  Assign: assign.optional(),
  Output: z.unknown().optional(),
});

const ChoiceRule = z.strictObject({
  Comment: z.string().optional(),
  Condition: z.union([z.boolean(), expression]),
  Next: z.string(),
  Assign: assign.optional(),
  Output: z.unknown().optional(),
});

const QueryLanguage = z.enum(['JSONata', 'JSONPath']).optional();
const base = { Comment: z.string().optional(), QueryLanguage };
const flow = {
  ...base,
  Next: z.string().optional(),
  End: z.boolean().optional(),
  Output: z.unknown().optional(),
};
const recovery = { Retry: z.array(Retrier).optional(), Catch: z.array(Catcher).optional() };
const assigning = { Assign: assign.optional() };

const Pass = z.strictObject({ Type: z.literal('Pass'), ...flow, ...assigning });
const Task = z.strictObject({
  Type: z.literal('Task'),
  ...flow,
  ...assigning,
  ...recovery,
  Resource: z.string(),
  Arguments: z.unknown().optional(),
  TimeoutSeconds: seconds(1).optional(),
  HeartbeatSeconds: seconds(1).optional(),
});
const Choice = z.strictObject({
  Type: z.literal('Choice'),
  ...base,
  ...assigning,
  Output: z.unknown().optional(),
  Choices: z.array(ChoiceRule).min(1),
  Default: z.string().optional(),
});
const Wait = z.strictObject({
  Type: z.literal('Wait'),
  ...flow,
  ...assigning,
  Seconds: seconds(0).optional(),
  Timestamp: timestamp.optional(),
});
const Succeed = z.strictObject({ Type: z.literal('Succeed'), ...base, Output: z.unknown().optional() });
const Fail = z.strictObject({
  Type: z.literal('Fail'),
  ...base,
  Error: z.string().optional(),
  Cause: z.string().optional(),
});
const Parallel = z.strictObject({
  Type: z.literal('Parallel'),
  ...flow,
  ...assigning,
  ...recovery,
  Arguments: z.unknown().optional(),
  get Branches() {
    return z.array(Branch).min(1);
  },
});
const MapState = z.strictObject({
  Type: z.literal('Map'),
  ...flow,
  ...assigning,
  ...recovery,
  Items: z.union([z.array(z.unknown()), expression]).optional(),
  ItemSelector: z.unknown().optional(),
  MaxConcurrency: z.union([z.int().min(0).max(largest), expression]).optional(),
  ToleratedFailureCount: z.union([z.int().min(0).max(largest), expression]).optional(),
  ToleratedFailurePercentage: z.union([z.number().min(0).max(100), expression]).optional(),
  get ItemProcessor() {
    return ItemProcessor;
  },
});

const stateName = z.string().min(1).max(80);

const State = z.discriminatedUnion('Type', [Pass, Task, Choice, Wait, Succeed, Fail, Parallel, MapState]);

const Branch: z.ZodType<AslScope> = z.strictObject({
  Comment: z.string().optional(),
  StartAt: z.string(),
  get States() {
    return z.record(stateName, State);
  },
});

const ItemProcessor: z.ZodType<AslScope> = z.strictObject({
  Comment: z.string().optional(),
  ProcessorConfig: z.strictObject({ Mode: z.literal('INLINE').optional() }).optional(),
  StartAt: z.string(),
  get States() {
    return z.record(stateName, State);
  },
});

/** A state by itself. */
export const AslSingleState: z.ZodType<AslState> = State;

/** States of one scope: the machine itself, a branch of a Parallel, the processor of a Map. */
export interface AslScope {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, AslState>>;
}

export const AslMachine = z.strictObject({
  Comment: z.string().optional(),
  QueryLanguage,
  Version: z.literal('1.0').optional(),
  TimeoutSeconds: z.int().min(1).max(largest).optional(),
  StartAt: z.string(),
  States: z.record(stateName, State),
});

export type AslMachine = z.infer<typeof AslMachine>;
export type AslRetrier = z.infer<typeof Retrier>;
export type AslCatcher = z.infer<typeof Catcher>;
type AslPass = z.infer<typeof Pass>;
export type AslTask = z.infer<typeof Task>;
type AslChoice = z.infer<typeof Choice>;
type AslWait = z.infer<typeof Wait>;
type AslSucceed = z.infer<typeof Succeed>;
type AslFail = z.infer<typeof Fail>;
type AslParallel = z.infer<typeof Parallel>;
type AslMap = z.infer<typeof MapState>;
export type AslState = AslPass | AslTask | AslChoice | AslWait | AslSucceed | AslFail | AslParallel | AslMap;
