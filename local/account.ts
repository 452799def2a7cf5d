/** The AWS account of local mode, as far as arns name one. */

export const region = 'us-east-1';
export const accountId = '000000000000';
export const functionArn = (name: string): string => `arn:aws:lambda:${region}:${accountId}:function:${name}`;
export const undoMachineName = 'orchestrator-local-undo';
export const undoMachineArn = `arn:aws:states:${region}:${accountId}:stateMachine:${undoMachineName}`;
export const changeMachineName = 'orchestrator-local-changes';
export const changeMachineArn = `arn:aws:states:${region}:${accountId}:stateMachine:${changeMachineName}`;
export const machineRoleArn = `arn:aws:iam::${accountId}:role/orchestrator-local-machines`;
