/** Starting an execution by the rules of AWS; the API and the tasks that start executions come through here. */
import { deepestNesting, isTooDeep } from '../../../src/base/nesting.ts';
import type { Execution } from '../running/execution.ts';
import { largestValue } from '../running/state-failure.ts';
import { ApiError, stateMachineDoesNotExist } from './api-error.ts';
import { checkArn, checkName, executionArn } from './names.ts';
import type { OperationContext } from './operation.ts';

export interface NamedStart {
  readonly machineArn: string;
  readonly name: string;
  readonly inputText: string;
  /** The task that starts it; its own start, repeated, is no conflict. */
  readonly startedBy?: string;
}

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

/** The same start again, while the execution is open, or by the same task. */
function isRepeated({ start, root }: Execution, { inputText, startedBy }: NamedStart): boolean {
  if (startedBy !== undefined && start.startedBy === startedBy) return true;
  return root !== undefined && start.inputText === inputText;
}

/** A name is taken for good. Throws `ApiError`. */
export function startNamed(
  { machines, executions }: Pick<OperationContext, 'machines' | 'executions'>,
  named: NamedStart,
): Execution {
  const { machineArn, name, inputText, startedBy } = named;
  checkArn(machineArn, 'stateMachine');
  const machine = machines.get(machineArn);
  if (machine === undefined) throw stateMachineDoesNotExist(machineArn);
  checkName(name);
  checkInput(inputText);
  const arn = executionArn(machine.arn, name);
  const existing = executions.get(arn);
  if (existing !== undefined && isRepeated(existing, named)) return existing;
  if (existing !== undefined)
    throw new ApiError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
  const { name: machineName, roleArn, revisionId, updateDate: machineUpdateDate } = machine;
  return executions.start(
    { arn, name, machineArn, machineName, roleArn, revisionId, inputText, machineUpdateDate, startedBy },
    machines.programOf(revisionId),
  );
}
