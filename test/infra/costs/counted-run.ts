/** Runs one workflow of three calls over the functions as they are deployed, and counts what AWS would bill. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetExecutionHistoryCommand, SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { json, startScriptedService } from '../../system/scripted-service.ts';
import { type RecordedSystem, startRecordedSystem } from '../calls/recorded-system.ts';
import { indexEntries, itemBytes } from './item-size.ts';
import { type TableUsage, type Used, watchTables } from './table-usage.ts';

export interface CountedRun {
  /** States that Step Functions entered. */
  readonly transitions: number;
  /** All events of the history. */
  readonly events: number;
  /** The functions that the state machine called, in order. */
  readonly called: string[];
  /** From the start to the recorded end. */
  readonly run: Used[];
  /** One look at the status afterwards. */
  readonly status: Used[];
  /** Another one. */
  readonly statusAgain: Used[];
  /** Bytes of all items of the execution, with their copies in indexes. */
  readonly storedBytes: number;
  /** Lines of the log that are metrics for CloudWatch: of the run, and all there are when the others have run too. */
  readonly measured: string[];
  readonly measuredInAll: string[];
  /** Which function wrote which line to its log. */
  readonly logged: string[];
  readonly loggedBytes: number;
  /** One sweep when nothing is open. */
  readonly sweep: Used[];
  /** One look of `lifecycle` when it starts and stops nothing. */
  readonly lifecycle: Used[];
  /** One run of `deliver-events` where nobody subscribes to events. */
  readonly deliverEvents: Used[];
  /** The first sweep of `check-health` over the services that were called, and one that finds nothing changed. */
  readonly firstCheck: Used[];
  readonly checkHealth: Used[];
}

const workflow = 'three-calls';
const call = (service: string, argument: string) => ({
  service,
  request: { method: 'POST', path: '/parcels', body: { item: argument } },
});

const definition = {
  name: workflow,
  steps: [
    { id: 'first', call: call('one', '{% $input.item %}') },
    { id: 'second', call: call('two', '{% $first.item %}') },
    { id: 'third', call: call('three', '{% $second.item %}') },
  ],
};

/** A service for each step: one that a step has read is kept for seconds, and the next would not read it. */
async function prepare({ door }: RecordedSystem, url: string): Promise<void> {
  for (const name of ['one', 'two', 'three'])
    await door('register_service', { name, transport: 'rest', url });
  await door('define_workflow', definition);
}

const executionsTable = 'orchestrator-executions';
const Started = z.object({ workflowId: z.string() });
const Status = z.object({ status: z.literal('SUCCEEDED') });

export async function countRun(): Promise<CountedRun> {
  const service = await startScriptedService(({ body }, response) => json(response, body));
  const system = await startRecordedSystem();
  const usage = watchTables(system.endpoints.dynamodb);
  try {
    await prepare(system, service.url);
    return await count(system, usage);
  } finally {
    usage.stop();
    await system.close();
    await service.close();
  }
}

async function count(system: RecordedSystem, usage: TableUsage): Promise<CountedRun> {
  usage.taken();
  const before = (await linesOf(system)).length;
  const id = Started.parse(await request(system, '', { workflow, input: { item: 'a parcel' } })).workflowId;
  await ended(usage, id);
  await linesOf(system, before + linesOfRun);
  const run = await takenWithCounts(usage);
  Status.parse(await request(system, `/${id}`));
  const status = usage.taken();
  const lines = (await linesOf(system, before + linesOfRun + 1)).slice(before);
  Status.parse(await request(system, `/${id}`));
  const statusAgain = usage.taken();
  const measured = await measuredBy(system);
  return {
    ...(await historyOf(system, usage, id)),
    measured,
    run,
    status,
    statusAgain,
    storedBytes: await storedBytes(usage, id),
    logged: lines
      .map((line) => LogLine.parse(JSON.parse(line)))
      .map(({ function: name, message }) => `${name}: ${message}`),
    loggedBytes: lines.reduce((sum, line) => sum + line.length + 1, 0),
    sweep: await usedBy('sweep', system, usage),
    lifecycle: await usedBy('lifecycle', system, usage),
    deliverEvents: await usedBy('deliver-events', system, usage),
    firstCheck: await usedBy('check-health', system, usage),
    checkHealth: await usedBy('check-health', system, usage),
    measuredInAll: await measuredBy(system),
  };
}

/** Containers write what they count beside their other writes, and perhaps after the end has been told. */
const countsOfRun = 4;

async function takenWithCounts(usage: TableUsage): Promise<Used[]> {
  const taken = usage.taken();
  const counts = (): number => taken.filter(({ what }) => what.startsWith('Put USAGE')).length;
  for (const end = Date.now() + 10_000; counts() < countsOfRun && Date.now() < end; await sleep(20))
    taken.push(...usage.taken());
  return taken;
}

async function request({ url }: RecordedSystem, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${url}/v1/executions${path}`, {
    signal: AbortSignal.timeout(20_000),
    ...(body && {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  return response.json();
}

/** Two of the start and of each of three steps, and the end, which is told once its write was answered, and so counted. */
const linesOfRun = 9;

/** Waits for the recorded end without asking the API, which would be counted. */
async function ended({ stored }: TableUsage, id: string): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(20)) {
    const item = await stored(executionsTable, `EXECUTION#${id}`, 'META');
    if (item?.['closedAt']) return;
  }
  throw new Error(`The execution ${id} did not end`);
}

async function historyOf({ endpoints }: RecordedSystem, { stored }: TableUsage, id: string) {
  const execution = await stored(executionsTable, `EXECUTION#${id}`, 'META');
  const client = new SFNClient({
    endpoint: endpoints.stepFunctions,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  try {
    const executionArn = execution?.['executionArn']?.S;
    const { events = [] } = await client.send(
      new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }),
    );
    const tasks = events.flatMap(({ taskScheduledEventDetails: task }) =>
      task ? [task.parameters ?? '{}'] : [],
    );
    return {
      transitions: events.filter(({ type }) => type?.endsWith('StateEntered')).length,
      events: events.length,
      called: tasks.map(
        (parameters) => Task.parse(JSON.parse(parameters)).FunctionName.split(':').at(-1) ?? '',
      ),
    };
  } finally {
    client.destroy();
  }
}

const Task = z.object({ FunctionName: z.string() });
const LogLine = z.object({ function: z.string(), message: z.string() });
const isMetrics = (line: string): boolean => line.startsWith('{"_aws":');

/** The log is written behind the answers: waits until so many lines are there. */
async function linesOf({ log }: RecordedSystem, atLeast = 0): Promise<string[]> {
  for (const end = Date.now() + 10_000; ; await sleep(20)) {
    const lines = (await allLines(log)).filter((line) => !isMetrics(line));
    if (lines.length >= atLeast || Date.now() > end) return lines;
  }
}

const allLines = async (log: string): Promise<string[]> =>
  (await readFile(log, 'utf8')).split('\n').filter((line) => line !== '');

/** DynamoDB adds 100 bytes to each item and to each copy of it in an index (AWS: DynamoDB pricing, storage). */
async function storedBytes({ stored }: TableUsage, id: string): Promise<number> {
  const sorts = ['META', 'STEP#first', 'STEP#second', 'STEP#third'];
  const items = await Promise.all(sorts.map((sk) => stored(executionsTable, `EXECUTION#${id}`, sk)));
  const copies = items.flatMap((item) => [item, ...indexEntries(item)]);
  return copies.reduce((sum, item) => sum + (item ? itemBytes(item) + 100 : 0), 0);
}

/** They are written behind the answers: waits for those of the calls and of the end. */
async function measuredBy({ log }: RecordedSystem): Promise<string[]> {
  for (const end = Date.now() + 15_000; ; await sleep(20)) {
    const lines = (await allLines(log)).filter(isMetrics);
    const text = lines.join();
    if ((text.includes('ExecutionErrors') && text.includes('CallErrors')) || Date.now() > end) return lines;
  }
}

async function usedBy(name: string, system: RecordedSystem, usage: TableUsage): Promise<Used[]> {
  usage.taken();
  await system.invoke(name, {});
  return usage.taken();
}
