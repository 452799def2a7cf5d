/** Executions: start (with the name rules of AWS), stop, describe, list, history. */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { deepestNesting, isTooDeep } from '../../../src/domain/nesting.ts';
import type { Execution } from '../running/execution.ts';
import { largestValue } from '../running/state-failure.ts';
import { ApiError, executionDoesNotExist, stateMachineDoesNotExist } from './api-error.ts';
import { epochSeconds } from './epoch-seconds.ts';
import { historyEvents } from './history-event.ts';
import { checkArn, checkName, executionArn } from './names.ts';
import { type Operation, type OperationContext, operation } from './operation.ts';
import { pageSize, pageToken, positionOf } from './page.ts';

const StartInput = z.strictObject({
  stateMachineArn: z.string(),
  name: z.string().optional(),
  input: z.string().default('{}'),
  traceHeader: z.string().max(256).optional(),
});

function checkInput(input: string): void {
  if (Buffer.byteLength(input) > largestValue) {
    throw new ApiError('ValidationException', `input: has more than ${largestValue} bytes`);
  }
  if (isTooDeep(input)) {
    const reason = `It is nested more than ${deepestNesting} levels deep`;
    throw new ApiError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${reason}'`);
  }
  try {
    JSON.parse(input);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ApiError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${reason}'`);
  }
}

const started = ({ start }: Execution): object => ({
  executionArn: start.arn,
  startDate: epochSeconds(start.startDate),
});

/** A name is taken for good; only the same start again while it is open is the same execution. */
const startExecution = operation(StartInput, ({ machines, executions }, input) => {
  checkArn(input.stateMachineArn, 'stateMachine');
  const machine = machines.get(input.stateMachineArn);
  if (machine === undefined) throw stateMachineDoesNotExist(input.stateMachineArn);
  const name = input.name ?? randomUUID();
  checkName(name);
  checkInput(input.input);
  const arn = executionArn(machine.arn, name);
  const existing = executions.get(arn);
  if (existing?.root !== undefined && existing.start.inputText === input.input) return started(existing);
  if (existing !== undefined)
    throw new ApiError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
  const execution = executions.start(
    {
      arn,
      name,
      machineArn: machine.arn,
      machineName: machine.name,
      roleArn: machine.roleArn,
      revisionId: machine.revisionId,
      inputText: input.input,
    },
    machines.programOf(machine.revisionId),
  );
  return started(execution);
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

const included = { included: true };

function redrive(execution: Execution): object {
  const reason = execution.root
    ? 'Execution is RUNNING and cannot be redriven'
    : 'The local engine does not redrive';
  return { redriveCount: 0, redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: reason };
}

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
    ...redrive(execution),
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
  return {
    stateMachineArn: start.machineArn,
    name: start.machineName,
    definition: context.machines.definitionOf(start.revisionId),
    roleArn: start.roleArn,
    updateDate: epochSeconds(start.startDate),
    revisionId: start.revisionId,
  };
});

const ListInput = z.strictObject({
  stateMachineArn: z.string(),
  statusFilter: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']).optional(),
  maxResults: z.int().min(0).max(1000).optional(),
  nextToken: z.string().optional(),
});

const listed = ({ start, status, stopDate }: Execution): object => ({
  executionArn: start.arn,
  stateMachineArn: start.machineArn,
  name: start.name,
  status,
  startDate: epochSeconds(start.startDate),
  ...(stopDate !== undefined && { stopDate: epochSeconds(stopDate) }),
  redriveCount: 0,
});

/** Newest first; a token names the last one shown, so new executions do not move the pages. */
const listExecutions = operation(ListInput, ({ machines, executions }, input) => {
  checkArn(input.stateMachineArn, 'stateMachine');
  const all = executions.ofMachine(input.stateMachineArn);
  if (machines.get(input.stateMachineArn) === undefined && all.length === 0) {
    throw stateMachineDoesNotExist(input.stateMachineArn);
  }
  const before = positionOf(input.nextToken, input.stateMachineArn) ?? Number.POSITIVE_INFINITY;
  const size = pageSize(input.maxResults);
  const page: Execution[] = [];
  for (let index = all.length - 1; index >= 0 && page.length <= size; index--) {
    const execution = all[index];
    if (execution === undefined || execution.start.number >= before) continue;
    if (input.statusFilter === undefined || execution.status === input.statusFilter) page.push(execution);
  }
  const shown = page.slice(0, size);
  const last = shown.at(-1);
  const more = page.length > size && last !== undefined;
  return {
    executions: shown.map(listed),
    ...(more && { nextToken: pageToken(input.stateMachineArn, last.start.number) }),
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
  StopExecution: stopExecution,
  DescribeExecution: describeExecution,
  DescribeStateMachineForExecution: describeStateMachineForExecution,
  ListExecutions: listExecutions,
  GetExecutionHistory: getExecutionHistory,
};
