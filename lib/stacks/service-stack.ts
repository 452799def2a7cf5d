/** Everything that can be made again: functions, state machines, events and the API. */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { WorkflowDefinition } from '../../src/domain/workflows/definition.ts';
import { ApiGateway } from '../constructs/api-gateway.ts';
import { ExecutionEvents } from '../constructs/execution-events.ts';
import { Functions, type FunctionsProps } from '../constructs/functions.ts';
import { UndoMachine, WorkflowMachines } from '../constructs/workflow-machines.ts';

export interface ServiceStackProps extends StackProps, FunctionsProps {
  readonly workflows: readonly WorkflowDefinition[];
}

export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, props: ServiceStackProps) {
    super(scope, id, props);
    const { stage } = props.deployment;
    const functions = new Functions(this, 'Functions', props);
    const { api, runStep, undo, recordExecution, sweep } = functions;
    const machines = new WorkflowMachines(this, 'Workflows', { stage, workflows: props.workflows, runStep });
    functions.letApiCreateMachines(machines.role);
    new UndoMachine(this, 'Undo', { stage, undo });
    new ExecutionEvents(this, 'Events', { stage, recordExecution, sweep });
    new ApiGateway(this, 'Api', { stage, api });
  }
}
