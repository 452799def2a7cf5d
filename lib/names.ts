/**
 * Physical names, where an ARN must be known before its resource exists or cover what is made at run time.
 * Everything else is named by CloudFormation.
 */
import { createHash } from 'node:crypto';
import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { machineNameOf, manifestPrefixOf } from '../src/aws/model/arns.ts';

/** State machines of workflows, of the manifest and of run time alike, begin with this. */
export const machinePrefixOf = (stage: string): string => `orch-${stage}-`;

/** Its own prefix keeps it out of reach of those who manage workflows. */
export const undoMachineNameOf = (stage: string): string => `orchestrator-${stage}-undo`;

/** As that of the one that undoes. */
export const changeMachineNameOf = (stage: string): string => `orchestrator-${stage}-changes`;

/** The bus that events are put on, where the stage asks for one. */
export const eventBusNameOf = (stage: string): string => `orchestrator-${stage}`;

/** Stable over definitions, so that the machine of a manifest workflow is updated in place; at most 80 characters. */
export const manifestMachineNameOf = (stage: string, workflow: string): string =>
  machineNameOf(
    manifestPrefixOf(machinePrefixOf(stage)),
    workflow,
    createHash('sha256').update(`manifest ${workflow}`).digest('hex'),
  );

export const machineArn = (scope: Construct, name: string): string =>
  Stack.of(scope).formatArn({
    service: 'states',
    resource: 'stateMachine',
    resourceName: name,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });

/** All executions of the machines whose name matches. */
export const executionsArn = (scope: Construct, machineName: string): string =>
  Stack.of(scope).formatArn({
    service: 'states',
    resource: 'execution',
    resourceName: `${machineName}:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
