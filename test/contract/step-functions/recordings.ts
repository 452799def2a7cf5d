/**
 * Runs recorded AWS executions through the local engine over HTTP and compares what both answered:
 * `ASL_RECORDINGS=<folder> node --import tsx test/contract/step-functions/recordings.ts`. The folder holds the
 * cases and their own comparison (`compare.mjs`); its README describes both. Prints a line per mismatch, then
 * `N passed, N failed, N skipped`; exits 1 when a case failed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
  StartExecutionCommand,
  ValidateStateMachineDefinitionCommand,
} from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { startStepFunctions } from '../../../local/step-functions/server.ts';

const Fields = z.record(z.string(), z.unknown());
type Fields = z.infer<typeof Fields>;

const Comparison = z.object({
  bind: z.custom<
    (value: unknown, arn: (alias: string) => string, name: (alias: string) => string) => unknown
  >(),
  compare: z.custom<(scenario: unknown, actual: unknown) => Record<string, string[]>>(),
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

/** Cases that hold what the engine refuses on purpose. */
const outOfScope = [
  { part: 'Credentials', reason: 'cross-account credentials' },
  { part: 'DISTRIBUTED', reason: 'distributed Map' },
];

const folder = process.env['ASL_RECORDINGS'] ?? '';
const comparison = Comparison.parse(await import(pathToFileURL(path.join(folder, 'compare.mjs')).href));
const arnOf = (alias: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${alias}`;

const behaviours = new Map<string, unknown>();
const engine = await startStepFunctions({
  invokeFunction: async ({ functionName, payload }) => {
    const spec = behaviours.get(functionName.split(':').at(-1) ?? '');
    if (spec === undefined) throw new Error(`Function not found: ${functionName}`);
    const { payload: answer, error } = await comparison.behave(spec, payload);
    return error === undefined ? { payload: answer } : { payload: error, functionError: 'Unhandled' };
  },
});
const client = new SFNClient({
  endpoint: engine.url,
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

async function executionFaults(name: string, file: unknown): Promise<string[]> {
  const bound = comparison.bind(file, arnOf, (alias) => alias);
  const levels = comparison.compare(bound, await runScenario(name, Scenario.parse(bound)));
  return Object.entries(levels).flatMap(([level, faults]) =>
    faults.filter((fault) => fault !== 'not compared').map((fault) => `${level}: ${fault}`),
  );
}

async function createAnswer(name: string, definition: string) {
  try {
    await client.send(new CreateStateMachineCommand({ name, definition, roleArn }));
    return { accepted: true, type: undefined };
  } catch (error) {
    return { accepted: false, type: error instanceof Error ? error.name : String(error) };
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

function skipReason(kind: string, file: unknown, text: string): string | undefined {
  const language = Validation.safeParse(file).data?.queryLanguage;
  if (kind === 'validation' && (language === 'mixed' || language === 'JSONPath'))
    return `query language ${language}`;
  return outOfScope.find(({ part }) => text.includes(part))?.reason;
}

const kinds = { jsonata: executionFaults, validation: validationFaults };
const total = { passed: 0, failed: 0, skipped: 0 };

async function runCase(kind: keyof typeof kinds, file: string): Promise<keyof typeof total> {
  const text = readFileSync(path.join(folder, kind, file), 'utf8');
  const parsed: unknown = JSON.parse(text);
  if (skipReason(kind, parsed, text) !== undefined) return 'skipped';
  const name = `${kind}-${total.passed + total.failed}`;
  const faults = await kinds[kind](name, parsed).catch((error: unknown) => [String(error)]);
  for (const fault of faults) console.log(`${kind}/${file} ${fault}`);
  return faults.length === 0 ? 'passed' : 'failed';
}

for (const kind of ['jsonata', 'validation'] as const) {
  const before = { ...total };
  for (const file of readdirSync(path.join(folder, kind))) total[await runCase(kind, file)] += 1;
  const [passed, failed, skipped] = [
    total.passed - before.passed,
    total.failed - before.failed,
    total.skipped - before.skipped,
  ];
  console.log(`${kind}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
client.destroy();
await engine.close();
process.exitCode = total.failed === 0 ? 0 : 1;
