/** TestState: one JSONata state on an input, without calling anything; INFO, DEBUG and TRACE tell how it came about. */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { deepestNesting, isTooDeep } from '../../../src/base/nesting.ts';
import { parseInput } from '../../../src/base/parse-input.ts';
import type { State } from '../asl/program.ts';
import { parseSingleState } from '../asl/single-state.ts';
import { largestValue } from '../running/state-failure.ts';
import { testState, UntestableError, type Verdict } from '../running/test-state.ts';
import { ApiError } from './api-error.ts';
import { faultText } from './machine-operations.ts';
import type { Account } from './names.ts';
import { type Operation, operation } from './operation.ts';

const Mock = z.strictObject({
  result: z.string().optional(),
  errorOutput: z.strictObject({ error: z.string().optional(), cause: z.string().optional() }).optional(),
  fieldValidationMode: z.enum(['STRICT', 'PRESENT', 'NONE']).optional(),
});

const Configuration = z.strictObject({
  retrierRetryCount: z.int().min(0).optional(),
  errorCausedByState: z.string().optional(),
  mapIterationFailureCount: z.int().min(0).optional(),
  mapItemReaderData: z.string().optional(),
});

const Input = z.strictObject({
  definition: z.string().min(1).max(1_048_576),
  roleArn: z.string().min(1).optional(),
  input: z.string().default('{}'),
  inspectionLevel: z.enum(['INFO', 'DEBUG', 'TRACE']).default('INFO'),
  revealSecrets: z.boolean().optional(),
  variables: z.string().default('{}'),
  stateName: z.string().optional(),
  mock: Mock.optional(),
  context: z.string().optional(),
  stateConfiguration: Configuration.default({}),
});
type Input = z.infer<typeof Input>;

const refused = (message: string): ApiError => new ApiError('ValidationException', message);

function parsedJson(field: string, text: string): unknown {
  if (Buffer.byteLength(text) > largestValue) throw refused(`${field}: has more than ${largestValue} bytes`);
  if (isTooDeep(text)) throw refused(`${field}: is nested more than ${deepestNesting} levels deep`);
  try {
    return JSON.parse(text);
  } catch {
    throw field === 'input'
      ? new ApiError('InvalidExecutionInput', 'Invalid State Machine Execution Input: it is not JSON')
      : refused(`${field}: is not JSON`);
  }
}

const Fields = z.record(z.string(), z.unknown());

function stateOf({ definition, stateName }: Input): State {
  const parsed = parseSingleState(definition, stateName);
  if (parsed.ok) return parsed.state;
  const reasons = parsed.faults.map(faultText).join(', ');
  throw new ApiError('InvalidDefinition', `Invalid State Machine Definition: '${reasons}'`);
}

const mockable = new Set(['Task', 'Parallel', 'Map']);

function mockOf({ mock }: Input, { type }: State) {
  if (mock === undefined && mockable.has(type))
    throw refused(`The local engine calls nothing in a test: give a mock for the ${type} state`);
  if (mock === undefined) return undefined;
  if (!mockable.has(type)) throw refused(`State type '${type}' is not supported when a mock is specified`);
  const { result, errorOutput } = mock;
  if ((result === undefined) === (errorOutput === undefined))
    throw refused('A mock has either a result or an errorOutput');
  if (result !== undefined) return { result: parsedJson('mock.result', result) };
  return { error: errorOutput?.error, cause: errorOutput?.cause };
}

/** Fields of the context object that are text. */
const Texts = z.looseObject({
  Execution: z
    .looseObject({
      Id: z.string().optional(),
      Name: z.string().optional(),
      RoleArn: z.string().nullish(),
      StartTime: z.string().optional(),
    })
    .optional(),
  State: z.looseObject({ Name: z.string().optional(), EnteredTime: z.string().optional() }).optional(),
  StateMachine: z.looseObject({ Id: z.string().optional(), Name: z.string().optional() }).optional(),
  Task: z.looseObject({ Token: z.string().optional() }).optional(),
});

function givenContext(text: string): unknown {
  const parsed = parseInput(Texts, parsedJson('context', text));
  if (parsed.success) return parsed.data;
  const path = parsed.error.issues[0]?.path.join('.') ?? '';
  throw refused(`Invalid Context object provided: ${path === '' ? 'it' : path} must be a string`);
}

/** As AWS fills it in: the machine and the execution have names that nobody gave. */
function madeContext(
  { region, accountId }: Account,
  state: State,
  { roleArn, input }: { roleArn: string | undefined; input: unknown },
): unknown {
  const [machine, name] = [randomUUID(), randomUUID()];
  const now = new Date().toISOString();
  const arn = (kind: string): string => `arn:aws:states:${region}:${accountId}:${kind}:${machine}`;
  return {
    Execution: {
      Id: `${arn('express')}:${name}`,
      Input: input,
      Name: name,
      RoleArn: roleArn ?? null,
      StartTime: now,
    },
    StateMachine: { Id: arn('stateMachine'), Name: machine },
    State: { Name: 'StateName', EnteredTime: now, ...('retriers' in state && { RetryCount: 0 }) },
  };
}

const asText = new Set(['input', 'afterArguments', 'result', 'variables']);

function inspectionOf({ seen }: Verdict): object {
  const fields = Object.entries(seen).map(([field, value]) => [
    field,
    asText.has(field) ? JSON.stringify(value) : value,
  ]);
  return { inspectionData: Object.fromEntries(fields) };
}

function answerOf(verdict: Verdict, level: Input['inspectionLevel']): object {
  const { status, output, next, failure } = verdict;
  return {
    status,
    ...(output !== undefined && { output: JSON.stringify(output) }),
    ...(next !== undefined && { nextState: next }),
    ...(failure && { error: failure.error, cause: failure.cause }),
    ...(level !== 'INFO' && inspectionOf(verdict)),
  };
}

const testStateOperation = operation(Input, async ({ account }, request) => {
  const state = stateOf(request);
  const input = parsedJson('input', request.input);
  const { retrierRetryCount, mapIterationFailureCount, mapItemReaderData } = request.stateConfiguration;
  const variables = Fields.safeParse(parsedJson('variables', request.variables)).data;
  if (variables === undefined) throw refused('variables: must be a JSON object');
  const read =
    mapItemReaderData === undefined
      ? undefined
      : z.array(z.unknown()).safeParse(parsedJson('mapItemReaderData', mapItemReaderData)).data;
  const { roleArn, context } = request;
  try {
    const verdict = await testState({
      state,
      input,
      context:
        context === undefined ? madeContext(account, state, { roleArn, input }) : givenContext(context),
      variables,
      mock: mockOf(request, state),
      retries: retrierRetryCount ?? 0,
      failedIterations: mapIterationFailureCount,
      readItems: read,
    });
    return answerOf(verdict, request.inspectionLevel);
  } catch (error) {
    throw error instanceof UntestableError ? refused(error.message) : error;
  }
});

export const testOperations: Readonly<Record<string, Operation>> = { TestState: testStateOperation };
