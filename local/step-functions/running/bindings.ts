/** What expressions see: the variables of the scope, and `$states` with input, result and context object. */
import type { Bindings } from '../jsonata/expression.ts';
import type { Execution } from './execution.ts';
import type { Frame, Visit } from './frame.ts';

const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html */
function contextObject(
  execution: Execution,
  visit: Visit,
  mapItem: Frame['mapItem'],
): Record<string, unknown> {
  const { start } = execution;
  return {
    Execution: {
      Id: start.arn,
      Input: execution.input,
      Name: start.name,
      RoleArn: start.roleArn,
      StartTime: isoTime(start.startDate),
      RedriveCount: 0,
    },
    StateMachine: { Id: start.machineArn, Name: start.machineName },
    State: { Name: visit.state, EnteredTime: isoTime(visit.enteredAt), RetryCount: visit.retryCount },
    ...(mapItem && { Map: { Item: mapItem } }),
  };
}

/** `extra` is `result` or `errorOutput`, where the state has one. */
export function bindingsOf(
  execution: Execution,
  frame: Frame,
  extra: {
    readonly result?: unknown;
    readonly errorOutput?: unknown;
    readonly mapItem?: Frame['mapItem'];
  } = {},
): Bindings {
  const visit = frame.visit;
  if (visit === undefined) return frame.variables;
  const { mapItem = frame.mapItem, ...values } = extra;
  const context = contextObject(execution, visit, mapItem);
  return { ...frame.variables, states: { input: visit.input, context, ...values } };
}
