/**
 * The state machines of the manifest's workflows, from the same compiler as those of run time, and the one role
 * that all of them run as: it may call run-step and nothing else.
 */
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { DefinitionBody, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { changeMachine } from '../../src/lifecycle/model/change-machine.ts';
import { compileWorkflow } from '../../src/workflows/compiler/compile.ts';
import { undoMachine } from '../../src/workflows/compiler/undo-machine.ts';
import type { WorkflowDefinition } from '../../src/workflows/definition/definition.ts';
import { acceptFindings } from '../accepted-findings.ts';
import { changeMachineNameOf, manifestMachineNameOf, undoMachineNameOf } from '../names.ts';
import type { ServiceFunction } from './service-function.ts';

/** CloudFormation puts the ARN in place of this. */
const placeholder = (key: string): string => '$' + `{${key}}`;

/** Step Functions takes the role for machines of this account only, and calls one function with it. */
function machineRole(scope: Construct, calls: ServiceFunction): Role {
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('states.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
  });
  role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [calls.arn] }));
  return role;
}

interface Machine {
  readonly name: string;
  readonly definition: object;
  readonly substitutions: Record<string, string>;
  readonly role: Role;
}

function machine(scope: Construct, id: string, { name, definition, substitutions, role }: Machine): void {
  const created = new StateMachine(scope, id, {
    stateMachineName: name,
    stateMachineType: StateMachineType.STANDARD,
    definitionBody: DefinitionBody.fromString(JSON.stringify(definition)),
    definitionSubstitutions: substitutions,
    role,
  });
  acceptFindings(created, {
    SF1: 'Step Functions keeps every event of an execution, and the executions table every attempt',
    SF2: 'The executions table has the times of every attempt',
  });
}

export interface WorkflowMachinesProps {
  readonly stage: string;
  readonly workflows: readonly WorkflowDefinition[];
  readonly runStep: ServiceFunction;
}

export class WorkflowMachines extends Construct {
  /** Also the role of the machines that are made at run time. */
  readonly role: Role;

  constructor(scope: Construct, id: string, { stage, workflows, runStep }: WorkflowMachinesProps) {
    super(scope, id);
    this.role = machineRole(this, runStep);
    for (const workflow of workflows) {
      machine(this, workflow.name, {
        name: manifestMachineNameOf(stage, workflow.name),
        definition: compileWorkflow(workflow, { runStepFunction: placeholder('RunStepFunction') }),
        substitutions: { RunStepFunction: runStep.arn },
        role: this.role,
      });
    }
  }
}

interface ChangeMachineProps {
  readonly stage: string;
  readonly lifecycle: ServiceFunction;
}

export class ChangeMachine extends Construct {
  constructor(scope: Construct, id: string, { stage, lifecycle }: ChangeMachineProps) {
    super(scope, id);
    machine(this, 'Machine', {
      name: changeMachineNameOf(stage),
      definition: changeMachine(placeholder('LifecycleFunction')),
      substitutions: { LifecycleFunction: lifecycle.arn },
      role: machineRole(this, lifecycle),
    });
  }
}

export class UndoMachine extends Construct {
  constructor(scope: Construct, id: string, { stage, undo }: { stage: string; undo: ServiceFunction }) {
    super(scope, id);
    machine(this, 'Machine', {
      name: undoMachineNameOf(stage),
      definition: undoMachine(placeholder('UndoFunction')),
      substitutions: { UndoFunction: undo.arn },
      role: machineRole(this, undo),
    });
  }
}
