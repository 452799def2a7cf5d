/** Entries as the events of GetExecutionHistory: values become JSON texts, each kind gets its details field. */

import type { Entry } from '../running/entry.ts';
import type { Execution, HistoryEvent } from '../running/execution.ts';
import { epochSeconds } from './epoch-seconds.ts';

type Details = Readonly<Record<string, unknown>>;
type DetailsOf = (entry: Entry, region: string) => Details;

const json = (value: unknown): string => JSON.stringify(value) ?? 'null';
const whole = { truncated: false };
const errorOf = ({ error, cause }: Entry): Details => ({ error, cause });
const invoke = { resourceType: 'lambda', resource: 'invoke' };

/** `states:startExecution.sync:2` as the history shows it, in two parts. */
function resourceOf({ resource }: Entry): Details {
  if (resource === undefined) return invoke;
  const at = resource.indexOf(':');
  return { resourceType: resource.slice(0, at), resource: resource.slice(at + 1) };
}

const taskOutput: DetailsOf = (entry) => ({
  ...resourceOf(entry),
  output: json(entry.output),
  outputDetails: whole,
});
const taskError: DetailsOf = (entry) => ({ ...resourceOf(entry), ...errorOf(entry) });

const limitsOf = ({ timeoutInSeconds, heartbeatInSeconds }: Entry): Details => ({
  timeoutInSeconds,
  heartbeatInSeconds,
});

const iteration: DetailsOf = ({ name, index }) => ({ name, index });

const withoutDetails: DetailsOf = () => ({});

const detailsByType: Partial<Record<Entry['type'], readonly [field: string, DetailsOf]>> = {
  TaskScheduled: [
    'taskScheduledEventDetails',
    (entry, region) => ({
      ...resourceOf(entry),
      region,
      parameters: json(entry.parameters),
      ...limitsOf(entry),
    }),
  ],
  TaskStarted: ['taskStartedEventDetails', resourceOf],
  TaskSubmitted: ['taskSubmittedEventDetails', taskOutput],
  TaskSucceeded: ['taskSucceededEventDetails', taskOutput],
  TaskFailed: ['taskFailedEventDetails', taskError],
  TaskTimedOut: ['taskTimedOutEventDetails', taskError],
  LambdaFunctionScheduled: [
    'lambdaFunctionScheduledEventDetails',
    (entry) => ({
      resource: entry.functionName,
      input: json(entry.input),
      inputDetails: whole,
      ...limitsOf(entry),
    }),
  ],
  LambdaFunctionSucceeded: [
    'lambdaFunctionSucceededEventDetails',
    (entry) => ({ output: json(entry.output), outputDetails: whole }),
  ],
  LambdaFunctionFailed: ['lambdaFunctionFailedEventDetails', errorOf],
  LambdaFunctionTimedOut: ['lambdaFunctionTimedOutEventDetails', errorOf],
  EvaluationFailed: [
    'evaluationFailedEventDetails',
    (entry) => ({ ...errorOf(entry), location: entry.location, state: entry.name }),
  ],
  MapStateStarted: ['mapStateStartedEventDetails', ({ length }) => ({ length })],
  MapIterationStarted: ['mapIterationStartedEventDetails', iteration],
  MapIterationSucceeded: ['mapIterationSucceededEventDetails', iteration],
  MapIterationFailed: ['mapIterationFailedEventDetails', iteration],
  MapIterationAborted: ['mapIterationAbortedEventDetails', iteration],
  ExecutionSucceeded: [
    'executionSucceededEventDetails',
    (entry) => ({ output: json(entry.output), outputDetails: whole }),
  ],
  ExecutionFailed: ['executionFailedEventDetails', errorOf],
  ExecutionTimedOut: ['executionTimedOutEventDetails', errorOf],
  ExecutionAborted: ['executionAbortedEventDetails', errorOf],
  ExecutionRedriven: ['executionRedrivenEventDetails', ({ redriveCount }) => ({ redriveCount })],
};

const enteredDetails: DetailsOf = ({ name, input }) => ({ name, input: json(input), inputDetails: whole });

const assignedTexts = (assigned: Entry['assigned']): Details =>
  assigned === undefined
    ? {}
    : {
        assignedVariables: Object.fromEntries(
          Object.entries(assigned).map(([name, value]) => [name, json(value)]),
        ),
        assignedVariablesDetails: whole,
      };

const exitedDetails: DetailsOf = ({ name, output, assigned }) => ({
  name,
  output: json(output),
  outputDetails: whole,
  ...assignedTexts(assigned),
});

function detailsOf(type: Entry['type']): readonly [string, DetailsOf] | undefined {
  if (type.endsWith('StateEntered')) return ['stateEnteredEventDetails', enteredDetails];
  if (type.endsWith('StateExited')) return ['stateExitedEventDetails', exitedDetails];
  return detailsByType[type];
}

/** What `includeExecutionData: false` leaves out. */
const data = new Set(['input', 'output', 'parameters', 'assignedVariables', 'error', 'cause']);

const withoutData = (details: Details): Details =>
  Object.fromEntries(Object.entries(details).filter(([field]) => !data.has(field)));

export interface HistoryView {
  readonly region: string;
  readonly includeData: boolean;
}

function startedEvent({ start }: Execution, { includeData }: HistoryView): Details {
  const details = { input: start.inputText, inputDetails: whole, roleArn: start.roleArn };
  return {
    id: 1,
    previousEventId: 0,
    timestamp: epochSeconds(start.startDate),
    type: 'ExecutionStarted',
    executionStartedEventDetails: includeData ? details : withoutData(details),
  };
}

function historyEvent(event: HistoryEvent, view: HistoryView): Details {
  const { entry } = event;
  const [field, details = withoutDetails] = detailsOf(entry.type) ?? [];
  const all = details(entry, view.region);
  return {
    id: event.id,
    previousEventId: event.previousId,
    timestamp: epochSeconds(entry.at),
    type: entry.type,
    ...(field !== undefined && { [field]: view.includeData ? all : withoutData(all) }),
  };
}

/** Events number `from` to `to` (counted from 0, the end not included), oldest first. */
export function historyEvents(
  execution: Execution,
  range: { from: number; to: number },
  view: HistoryView,
): Details[] {
  const history = execution.history ?? [];
  const events = history
    .slice(Math.max(0, range.from - 1), Math.max(0, range.to - 1))
    .map((event) => historyEvent(event, view));
  return range.from === 0 && range.to > 0 ? [startedEvent(execution, view), ...events] : events;
}
