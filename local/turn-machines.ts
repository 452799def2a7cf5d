/** The machines that undo and that carry changes out, brought to what this release says they are. */
import { createStepFunctions } from '../src/aws/step-functions.ts';
import { changeMachine } from '../src/lifecycle/model/change-machine.ts';
import { stepFunctionsConnection } from '../src/runtime/aws-connections.ts';
import type { SharedConfig } from '../src/runtime/config.ts';
import { undoMachine } from '../src/workflows/compiler/undo-machine.ts';
import {
  changeMachineArn,
  changeMachineName,
  functionArn,
  machineRoleArn,
  undoMachineArn,
  undoMachineName,
} from './account.ts';

export async function createTurnMachines(shared: SharedConfig): Promise<void> {
  const client = createStepFunctions(stepFunctionsConnection(shared));
  const put = (name: string, arn: string, definition: object): Promise<unknown> => {
    const text = JSON.stringify(definition);
    return client
      .createMachine({ name, definition: text, roleArn: machineRoleArn })
      .catch(() => client.updateMachine(arn, text));
  };
  try {
    await put(undoMachineName, undoMachineArn, undoMachine(functionArn('undo')));
    await put(changeMachineName, changeMachineArn, changeMachine(functionArn('lifecycle')));
  } finally {
    client.close();
  }
}
