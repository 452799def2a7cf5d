/** The machine that undoes, brought to what this release says it is. */
import { createStepFunctions } from '../src/aws/step-functions.ts';
import { stepFunctionsConnection } from '../src/runtime/aws-connections.ts';
import type { SharedConfig } from '../src/runtime/config.ts';
import { undoMachine } from '../src/workflows/compiler/undo-machine.ts';
import { functionArn, machineRoleArn, undoMachineArn, undoMachineName } from './account.ts';

export async function createUndoMachine(shared: SharedConfig): Promise<void> {
  const client = createStepFunctions(stepFunctionsConnection(shared));
  const definition = JSON.stringify(undoMachine(functionArn('undo')));
  try {
    await client
      .createMachine({ name: undoMachineName, definition, roleArn: machineRoleArn })
      .catch(() => client.updateMachine(undoMachineArn, definition));
  } finally {
    client.close();
  }
}
