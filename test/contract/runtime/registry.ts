/** A local system, and the configuration of the functions that a deployment calls on it. */

import { createStepFunctions, type StepFunctions } from '../../../src/aws/step-functions.ts';
import { compileWorkflow } from '../../../src/workflows/compiler/compile.ts';
import { validateWorkflow } from '../../../src/workflows/compiler/validate.ts';
import type { TestSystem } from '../../system/local-system.ts';

export const runStepFunction = 'arn:aws:lambda:us-east-1:000000000000:function:run-step';
export const machineRoleArn = 'arn:aws:iam::000000000000:role/orchestrator-local-machines';
const machineArnPrefix = 'arn:aws:states:us-east-1:000000000000:stateMachine:';

export const deploymentConfig = ({ dynamodb, stepFunctions }: TestSystem['endpoints']) => ({
  STAGE: 'local',
  LOG_LEVEL: 'ERROR' as const,
  LOG_OUTPUT: 'file:/dev/null',
  DYNAMODB_ENDPOINT: dynamodb,
  STEP_FUNCTIONS_ENDPOINT: stepFunctions,
  REGISTRY_TABLE: 'orchestrator-registry',
  INSTANCES_TABLE: 'orchestrator-instances',
  RUN_STEP_FUNCTION: runStepFunction,
  MACHINE_PREFIX: 'orch-local-',
  MACHINE_ROLE_ARN: machineRoleArn,
});

export const engineOf = ({ stepFunctions: endpoint }: TestSystem['endpoints']): StepFunctions =>
  createStepFunctions({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });

export const arnOf = (machine: string): string => `${machineArnPrefix}${machine}`;

/** What Step Functions runs for a workflow. */
export function aslOf(workflow: object, calling = runStepFunction): string {
  const validation = validateWorkflow(workflow, {});
  if (!validation.ok) throw new Error(JSON.stringify(validation.errors));
  return JSON.stringify(compileWorkflow(validation.definition, { runStepFunction: calling }));
}

export const pausing = (name: string, seconds = 0) => ({ name, steps: [{ id: 'pause', wait: { seconds } }] });
