/** What expressions see: the variables of the scope, and `$states` with input, result and context object. */
import type { Bindings } from '../jsonata/expression.ts';
import type { Execution } from './execution.ts';
import type { Frame, Visit } from './frame.ts';

/** What a state offers besides its input: its result or failure, and parts of the context object. */
interface Extra {
  readonly result?: unknown;
  readonly errorOutput?: unknown;
  readonly mapItem?: Frame['mapItem'];
  readonly taskToken?: string | undefined;
}

const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html */
function contextObject(
  execution: Execution,
  visit: Visit,
  { mapItem, taskToken = visit.call?.token }: Pick<Extra, 'mapItem' | 'taskToken'>,
): Record<string, unknown> {
  const { start } = execution;
  return {
    Execution: {
      Id: start.arn,
      Input: execution.input,
      Name: start.name,
      RoleArn: start.roleArn,
      StartTime: isoTime(start.startDate),
      RedriveCount: execution.redriveCount,
      ...(execution.redriven && { RedriveTime: isoTime(execution.redriven.at) }),
    },
    StateMachine: { Id: start.machineArn, Name: start.machineName },
    State: { Name: visit.state, EnteredTime: isoTime(visit.enteredAt), RetryCount: visit.retryCount },
    ...(mapItem && { Map: { Item: mapItem } }),
    ...(taskToken !== undefined && { Task: { Token: taskToken } }),
  };
}

export function bindingsOf(execution: Execution, frame: Frame, extra: Extra = {}): Bindings {
  const visit = frame.visit;
  if (visit === undefined) return frame.variables;
  const { mapItem = frame.mapItem, taskToken, ...values } = extra;
  const context = contextObject(execution, visit, { mapItem, taskToken });
  return { ...frame.variables, states: { input: visit.input, context, ...values } };
}
