/**
 * Runs recorded AWS executions through the local engine over HTTP and compares what both answered:
 * `npm run test:recordings`, with another folder in ASL_RECORDINGS if need be. The folder holds the cases and
 * their own comparison (`compare.mjs`); its README describes both. Prints a line per mismatch, what was skipped
 * and why, then `N passed, N failed, N skipped`, per class and in all; exits 1 when a case failed.
 *
 * The engine runs JSONata only: a case with JSONPath is skipped once the engine has refused it by name, and
 * failed when it does not.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
  StartExecutionCommand,
  TestStateCommand,
  type TestStateCommandInput,
  ValidateStateMachineDefinitionCommand,
} from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { startTestStepFunctions } from '../../../system/step-functions.ts';

const Fields = z.record(z.string(), z.unknown());
type Fields = z.infer<typeof Fields>;

const Comparison = z.object({
  bind: z.custom<
    (value: unknown, arn: (alias: string) => string, name: (alias: string) => string) => unknown
  >(),
  compare: z.custom<(scenario: unknown, actual: unknown) => Record<string, string[]>>(),
  clean: z.custom<(value: unknown) => unknown>(),
  diff: z.custom<(wanted: unknown, got: unknown, anyValue: readonly string[]) => string[]>(),
  behave: z.custom<(spec: unknown, event: unknown) => Promise<{ payload?: unknown; error?: unknown }>>(),
});

const Scenario = z.object({ functions: Fields, definition: z.unknown(), input: z.unknown() });
const Validation = z.object({
  operation: z.string(),
  queryLanguage: z.string(),
  machineType: z.string(),
  definition: z.unknown().optional(),
  definitionText: z.string().optional(),
  expected: z.object({ accepted: z.boolean(), error: z.object({ type: z.string() }).optional() }),
});

const Language = z.object({ queryLanguage: z.string() });
const Refused = z.object({ definition: z.unknown().optional(), definitionText: z.string().optional() });

/** Cases that hold what the engine refuses on purpose. */
const outOfScope = [
  { part: 'Credentials', reason: 'cross-account credentials' },
  { part: 'DISTRIBUTED', reason: 'distributed Map' },
];

const folder = path.resolve(process.env['ASL_RECORDINGS'] || '../shared/asl-recordings');
if (!existsSync(folder)) {
  console.error(`There are no recordings in ${folder}; name another folder in ASL_RECORDINGS.`);
  process.exit(1);
}
const comparison = Comparison.parse(await import(pathToFileURL(path.join(folder, 'compare.mjs')).href));
const arnOf = (alias: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${alias}`;

const behaviours = new Map<string, unknown>();
const engine = await startTestStepFunctions({
  invokeFunction: async ({ functionName, payload }) => {
    const spec = behaviours.get(functionName.split(':').at(-1) ?? '');
    if (spec === undefined) throw new Error(`Function not found: ${functionName}`);
    const { payload: answer, error } = await comparison.behave(spec, payload);
    return error === undefined ? { payload: answer } : { payload: error, functionError: 'Unhandled' };
  },
});
const client = new SFNClient({
  endpoint: engine.url,
  disableHostPrefix: true,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});

const roleArn = 'arn:aws:iam::000000000000:role/recordings';
const texts = ['input', 'output', 'parameters'];

function parsedTexts(details: Fields): Fields {
  const parsed = Object.entries(details).map(([field, value]) => [
    field,
    texts.includes(field) && typeof value === 'string' ? JSON.parse(value) : value,
  ]);
  const assigned = Fields.safeParse(details['assignedVariables']);
  const variables = Object.entries(assigned.data ?? {}).map(([name, value]) => [
    name,
    JSON.parse(String(value)),
  ]);
  const all = Object.fromEntries(parsed);
  return assigned.success ? { ...all, assignedVariables: Object.fromEntries(variables) } : all;
}

function flatEvent(event: HistoryEvent): Fields {
  const details = Object.entries(event).find(([field]) => field.endsWith('EventDetails'))?.[1];
  const rest = parsedTexts(Fields.parse(details ?? {}));
  return { id: event.id, prev: event.previousEventId, type: event.type, ...rest };
}

async function ended(executionArn: string) {
  for (let tries = 0; tries < 2_000; tries++) {
    const described = await client.send(new DescribeExecutionCommand({ executionArn }));
    if (described.status !== 'RUNNING') return described;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${executionArn} did not end`);
}

async function runScenario(name: string, scenario: z.infer<typeof Scenario>) {
  for (const [alias, spec] of Object.entries(scenario.functions)) behaviours.set(alias, spec);
  const definition = JSON.stringify(scenario.definition);
  const machine = await client.send(new CreateStateMachineCommand({ name, definition, roleArn }));
  const input = JSON.stringify(scenario.input);
  const { stateMachineArn } = machine;
  const { executionArn = '' } = await client.send(new StartExecutionCommand({ stateMachineArn, input }));
  const { status, output, error, cause } = await ended(executionArn);
  const history = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
  const events = (history.events ?? []).map(flatEvent);
  return { status, error, cause, events, output: output === undefined ? null : JSON.parse(output) };
}

const Recorded = z.object({
  notes: z.array(z.string()),
  expected: z.object({ events: z.array(z.object({ id: z.number(), prev: z.number(), type: z.string() })) }),
});

/** The ids, which the comparison of the folder leaves out, where the order of events is always the same. */
function idFaults(recorded: unknown, events: readonly Fields[]): string[] {
  const { notes, expected } = Recorded.parse(recorded);
  if (notes.some((note) => note.includes('multiset'))) return [];
  return expected.events.flatMap(({ id, prev, type }, index) => {
    const got = events[index];
    return got?.['id'] === id && got['prev'] === prev
      ? []
      : [`ids: ${type} has id ${id} and previous ${prev}, got ${got?.['id']} and ${got?.['prev']}`];
  });
}

async function executionFaults(name: string, file: unknown): Promise<string[]> {
  const bound = comparison.bind(file, arnOf, (alias) => alias);
  const run = await runScenario(name, Scenario.parse(bound));
  const levels = Object.entries(comparison.compare(bound, run)).flatMap(([level, faults]) =>
    faults.filter((fault) => fault !== 'not compared').map((fault) => `${level}: ${fault}`),
  );
  return [...levels, ...idFaults(bound, run.events)];
}

async function createAnswer(
  name: string,
  definition: string,
): Promise<{ accepted: boolean; type?: string; message?: string }> {
  try {
    await client.send(new CreateStateMachineCommand({ name, definition, roleArn }));
    return { accepted: true };
  } catch (error) {
    const { name: type, message } = error instanceof Error ? error : new Error(String(error));
    return { accepted: false, type, message };
  }
}

async function validationFaults(name: string, file: unknown): Promise<string[]> {
  const bound = comparison.bind(file, arnOf, (alias) => alias);
  const { operation, expected, definition, definitionText } = Validation.parse(bound);
  const text = definitionText ?? JSON.stringify(definition);
  if (operation === 'validate_state_machine_definition') {
    const { result } = await client.send(new ValidateStateMachineDefinitionCommand({ definition: text }));
    return (result === 'OK') === expected.accepted ? [] : [`result: got ${result}`];
  }
  const { accepted, type } = await createAnswer(name, text);
  if (accepted !== expected.accepted) return [`accepted: got ${accepted}`];
  return type === expected.error?.type ? [] : [`error: want ${expected.error?.type} got ${type}`];
}

const TestCase = z.object({
  request: z.looseObject({ mock: z.looseObject({ result: z.unknown().optional() }).optional() }),
  expected: z.looseObject({ anyValue: z.array(z.string()).optional() }),
});

const jsonTexts = ['definition', 'input', 'variables', 'context'];

/** The parameters as the API takes them; a role where the answer shows one. */
function testRequest({ request, expected }: z.infer<typeof TestCase>): TestStateCommandInput {
  const fields = Object.entries(request).map(([field, value]) => [
    field,
    jsonTexts.includes(field) ? JSON.stringify(value) : value,
  ]);
  const { mock } = request;
  const result = mock && 'result' in mock ? { result: JSON.stringify(mock.result) } : {};
  return {
    definition: '',
    ...(!JSON.stringify(expected).includes('"RoleArn":null') && { roleArn }),
    ...Object.fromEntries(fields),
    ...(mock && { mock: { ...mock, ...result } }),
  };
}

async function testAnswer(request: TestStateCommandInput): Promise<Fields> {
  try {
    const { $metadata, output, inspectionData, ...rest } = await client.send(new TestStateCommand(request));
    const inspected = Object.entries(inspectionData ?? {}).map(([field, value]) => [
      field,
      typeof value === 'string' ? JSON.parse(value) : value,
    ]);
    return {
      ...rest,
      ...(output !== undefined && { output: JSON.parse(output) }),
      ...(inspectionData && { inspectionData: Object.fromEntries(inspected) }),
    };
  } catch (error) {
    const { name: type, message } = error instanceof Error ? error : new Error(String(error));
    return { exception: { type, message } };
  }
}

async function testStateFaults(_: string, file: unknown): Promise<string[]> {
  const test = TestCase.parse(comparison.bind(file, arnOf, (alias) => alias));
  const { anyValue, ...expected } = test.expected;
  return comparison.diff(expected, comparison.clean(await testAnswer(testRequest(test))), anyValue ?? []);
}

/** A fault unless the engine refuses the definition and says that it is for its query language. */
async function refusalFaults(name: string, file: unknown): Promise<string[]> {
  const { definition, definitionText } = Refused.parse(comparison.bind(file, arnOf, (alias) => alias));
  const {
    accepted,
    type,
    message = '',
  } = await createAnswer(name, definitionText ?? JSON.stringify(definition));
  if (!accepted && type === 'InvalidDefinition' && message.includes('QueryLanguage')) return [];
  return [`a definition with JSONPath was not refused by name: ${accepted ? 'accepted' : message}`];
}

type Check = (name: string, file: unknown) => Promise<string[]>;

/** How the cases of a class are checked; a class without a check is skipped as a whole. */
const classes: Record<string, Check | string> = {
  jsonata: executionFaults,
  validation: validationFaults,
  mixed: refusalFaults,
  teststate: testStateFaults,
};

interface Case {
  readonly check: Check | undefined;
  /** Why it counts as skipped even when the check finds nothing. */
  readonly skipped?: string;
}

function caseOf(kind: string, file: unknown, text: string): Case {
  const check = classes[kind] ?? `the class ${kind}, which this runner does not know`;
  if (typeof check === 'string') return { check: undefined, skipped: check };
  const language = Language.safeParse(file).data?.queryLanguage;
  if (kind === 'teststate') return { check };
  if (kind === 'mixed' || language === 'mixed' || language === 'JSONPath')
    return { check: refusalFaults, skipped: 'JSONPath, which the engine refused by name' };
  const reason = outOfScope.find(({ part }) => text.includes(part))?.reason;
  return reason === undefined ? { check } : { check: undefined, skipped: reason };
}

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

const none = (): Count => ({ passed: 0, failed: 0, skipped: 0 });
const countText = ({ passed, failed, skipped }: Count): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

async function runCase(
  kind: string,
  file: string,
  number: number,
): Promise<keyof Count | { skipped: string }> {
  const text = readFileSync(path.join(folder, kind, file), 'utf8');
  const parsed: unknown = JSON.parse(text);
  const { check, skipped } = caseOf(kind, parsed, text);
  const faults =
    (await check?.(`${kind}-${number}`, parsed).catch((error: unknown) => [String(error)])) ?? [];
  for (const fault of faults) console.log(`${kind}/${file} ${fault}`);
  if (faults.length > 0) return 'failed';
  return skipped === undefined ? 'passed' : { skipped };
}

async function runClass(kind: string): Promise<Count> {
  const count = none();
  const reasons = new Map<string, number>();
  for (const [number, file] of readdirSync(path.join(folder, kind)).entries()) {
    const result = await runCase(kind, file, number);
    if (typeof result === 'string') count[result] += 1;
    else {
      count.skipped += 1;
      reasons.set(result.skipped, (reasons.get(result.skipped) ?? 0) + 1);
    }
  }
  for (const [reason, times] of reasons) console.log(`${kind}: skipped ${times}: ${reason}`);
  console.log(`${kind}: ${countText(count)}`);
  return count;
}

const total = none();
for (const entry of readdirSync(folder, { withFileTypes: true })) {
  if (!entry.isDirectory()) continue;
  const count = await runClass(entry.name);
  for (const result of ['passed', 'failed', 'skipped'] as const) total[result] += count[result];
}
console.log(countText(total));
client.destroy();
await engine.close();
process.exitCode = total.failed === 0 ? 0 : 1;
