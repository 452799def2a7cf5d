/** Executions: start, stop, redrive, describe, list, history. */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Execution } from '../running/execution.ts';
import { ApiError, executionDoesNotExist, stateMachineDoesNotExist } from './api-error.ts';
import { epochSeconds } from './epoch-seconds.ts';
import { historyEvents } from './history-event.ts';
import { defaultSettings } from './machine-operations.ts';
import { checkArn } from './names.ts';
import { type Operation, type OperationContext, operation } from './operation.ts';
import { pageSize, pageToken, positionOf } from './page.ts';
import { redriveOf, redriveStateOf } from './redrive.ts';
import { startNamed } from './start-execution.ts';

const StartInput = z.strictObject({
  stateMachineArn: z.string(),
  name: z.string().optional(),
  input: z.string().default('{}'),
  traceHeader: z.string().max(256).optional(),
});

const started = ({ start }: Execution): object => ({
  executionArn: start.arn,
  startDate: epochSeconds(start.startDate),
});

const startExecution = operation(StartInput, (context, input) => {
  const { stateMachineArn: machineArn, name = randomUUID(), input: inputText } = input;
  return started(startNamed(context, { machineArn, name, inputText }));
});

/** Only Express machines are run so, and the engine has none. */
const startSyncExecution = operation(StartInput, ({ machines }, input) => {
  checkArn(input.stateMachineArn, 'stateMachine');
  if (machines.get(input.stateMachineArn) === undefined)
    throw stateMachineDoesNotExist(input.stateMachineArn);
  const message = 'This operation is not supported by this type of state machine';
  throw new ApiError('StateMachineTypeNotSupported', message);
});

function executionOf({ executions }: OperationContext, arn: string): Execution {
  checkArn(arn, 'execution');
  const execution = executions.get(arn);
  if (execution === undefined) throw executionDoesNotExist(arn);
  return execution;
}

const StopInput = z.strictObject({
  executionArn: z.string(),
  error: z.string().max(256).optional(),
  cause: z.string().max(32_768).optional(),
});

/** Stopping what is over already answers when it ended. */
const stopExecution = operation(StopInput, (context, input) => {
  const execution = executionOf(context, input.executionArn);
  context.executions.abort(execution, { error: input.error, cause: input.cause });
  return { stopDate: epochSeconds(execution.stopDate ?? Date.now()) };
});

const RedriveInput = z.strictObject({
  executionArn: z.string(),
  clientToken: z
    .string()
    .regex(/^[!-~]{1,64}$/, 'must have 1 to 64 printable characters')
    .optional(),
});

const redriveExecution = operation(RedriveInput, (context, { executionArn, clientToken }) => ({
  redriveDate: epochSeconds(redriveOf(context, executionOf(context, executionArn), clientToken)),
}));

const included = { included: true };

function description(execution: Execution): object {
  const { start } = execution;
  return {
    executionArn: start.arn,
    stateMachineArn: start.machineArn,
    name: start.name,
    status: execution.status,
    startDate: epochSeconds(start.startDate),
    ...(execution.stopDate !== undefined && { stopDate: epochSeconds(execution.stopDate) }),
    input: start.inputText,
    inputDetails: included,
    ...(execution.outputText !== undefined && { output: execution.outputText, outputDetails: included }),
    error: execution.error,
    cause: execution.cause,
    ...redriveStateOf(execution),
  };
}

const DescribeInput = z.strictObject({
  executionArn: z.string(),
  includedData: z.literal('ALL_DATA').optional(),
});

const describeExecution = operation(DescribeInput, (context, input) =>
  description(executionOf(context, input.executionArn)),
);

const describeStateMachineForExecution = operation(DescribeInput, (context, input) => {
  const { start } = executionOf(context, input.executionArn);
  const machine = context.machines.get(start.machineArn);
  const definition = context.machines.knownDefinition(start.revisionId);
  if (definition === undefined) throw executionDoesNotExist(start.arn);
  return {
    stateMachineArn: start.machineArn,
    name: start.machineName,
    definition,
    roleArn: start.roleArn,
    updateDate: epochSeconds(start.machineUpdateDate ?? machine?.creationDate ?? start.startDate),
    ...defaultSettings,
    ...(start.machineUpdateDate !== undefined && { revisionId: start.revisionId }),
  };
});

const ListInput = z.strictObject({
  stateMachineArn: z.string().optional(),
  mapRunArn: z.string().optional(),
  statusFilter: z
    .enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE'])
    .optional(),
  redriveFilter: z.enum(['REDRIVEN', 'NOT_REDRIVEN']).optional(),
  maxResults: z.int().min(0).max(1000).optional(),
  nextToken: z.string().optional(),
});

const listed = ({ start, status, stopDate, redriveCount, redriven }: Execution): object => ({
  executionArn: start.arn,
  stateMachineArn: start.machineArn,
  name: start.name,
  status,
  startDate: epochSeconds(start.startDate),
  ...(stopDate !== undefined && { stopDate: epochSeconds(stopDate) }),
  redriveCount,
  ...(redriven !== undefined && { redriveDate: epochSeconds(redriven.at) }),
});

/** Map runs are those of distributed Maps, which the engine does not run: there is none. */
function machineToList({ stateMachineArn, mapRunArn }: z.infer<typeof ListInput>): string {
  if ((stateMachineArn === undefined) === (mapRunArn === undefined)) {
    const message = 'Exactly one of stateMachineArn and mapRunArn is required';
    throw new ApiError('ValidationException', message);
  }
  if (stateMachineArn === undefined)
    throw new ApiError('ResourceNotFound', `Resource not found: '${mapRunArn}'`);
  checkArn(stateMachineArn, 'stateMachine');
  return stateMachineArn;
}

type Filters = Pick<z.infer<typeof ListInput>, 'statusFilter' | 'redriveFilter'>;

const isListed = (
  { status, redriveCount }: Pick<Execution, 'status' | 'redriveCount'>,
  { statusFilter, redriveFilter }: Filters,
): boolean =>
  (statusFilter === undefined || status === statusFilter) &&
  (redriveFilter === undefined || (redriveFilter === 'REDRIVEN') === redriveCount > 0);

const ofOpenOnes = ['RUNNING', 'PENDING_REDRIVE'];

function pageOf(all: Iterable<Execution>, most: number): Execution[] {
  const page: Execution[] = [];
  for (const execution of all) {
    page.push(execution);
    if (page.length === most) break;
  }
  return page;
}

/** Newest first; a token names the last one shown and the filters, so new executions do not move the pages. */
const listExecutions = operation(ListInput, ({ machines, executions }, input) => {
  const stateMachineArn = machineToList(input);
  if (machines.get(stateMachineArn) === undefined && !executions.hasAnyOf(stateMachineArn)) {
    throw stateMachineDoesNotExist(stateMachineArn);
  }
  const of = [stateMachineArn, input.statusFilter, input.redriveFilter].join(' ');
  const size = pageSize(input.maxResults);
  const all = executions.newestOf(stateMachineArn, {
    before: positionOf(input.nextToken, of) ?? Number.POSITIVE_INFINITY,
    wanted: (execution) => isListed(execution, input),
    closedToo: !ofOpenOnes.includes(input.statusFilter ?? ''),
  });
  const page = pageOf(all, size + 1);
  const shown = page.slice(0, size);
  const last = shown.at(-1);
  const more = page.length > size && last !== undefined;
  return {
    executions: shown.map(listed),
    ...(more && { nextToken: pageToken(of, last.start.number) }),
  };
});

const HistoryInput = z.strictObject({
  executionArn: z.string(),
  maxResults: z.int().min(0).max(1000).optional(),
  reverseOrder: z.boolean().default(false),
  includeExecutionData: z.boolean().default(true),
  nextToken: z.string().optional(),
});

/** Pages count from the end that comes first; an open execution's history only grows at its end. */
const getExecutionHistory = operation(HistoryInput, (context, input) => {
  const execution = executionOf(context, input.executionArn);
  if (execution.history === undefined) throw executionDoesNotExist(input.executionArn);
  const size = pageSize(input.maxResults);
  const total = execution.eventCount;
  const of = `${input.reverseOrder ? 'reverse' : 'forward'} ${input.executionArn}`;
  const view = { region: context.account.region, includeData: input.includeExecutionData };
  const from = positionOf(input.nextToken, of) ?? (input.reverseOrder ? total : 0);
  const to = input.reverseOrder ? Math.max(0, from - size) : Math.min(total, from + size);
  const events = historyEvents(execution, { from: Math.min(from, to), to: Math.max(from, to) }, view);
  const more = input.reverseOrder ? to > 0 : to < total;
  return {
    events: input.reverseOrder ? events.reverse() : events,
    ...(more && { nextToken: pageToken(of, to) }),
  };
});

export const executionOperations: Readonly<Record<string, Operation>> = {
  StartExecution: startExecution,
  StartSyncExecution: startSyncExecution,
  StopExecution: stopExecution,
  RedriveExecution: redriveExecution,
  DescribeExecution: describeExecution,
  DescribeStateMachineForExecution: describeStateMachineForExecution,
  ListExecutions: listExecutions,
  GetExecutionHistory: getExecutionHistory,
};
