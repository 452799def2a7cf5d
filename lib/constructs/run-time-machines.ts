/**
 * Looks after the state machines that the API makes, which CloudFormation does not know: once a day and after each
 * deployment they are held against the registry, and they go when the stack goes.
 */
import { CustomResource, Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { acceptFindings } from '../accepted-findings.ts';
import { machinePrefixOf } from '../names.ts';
import { FunctionFactory, type StageProps } from './function-factory.ts';
import type { ServiceFunction } from './service-function.ts';
import type { WorkflowMachines } from './workflow-machines.ts';

export interface RunTimeMachinesProps extends StageProps {
  readonly runStep: ServiceFunction;
  readonly workflows: WorkflowMachines;
  /** Another text whenever something is deployed that machines may depend on. */
  readonly fingerprint: string;
}

export class RunTimeMachines extends Construct {
  readonly checkMachines: ServiceFunction;

  constructor(scope: Construct, id: string, props: RunTimeMachinesProps) {
    super(scope, id);
    this.checkMachines = this.#createFunction(props);
    this.checkMachines.function.configureAsyncInvoke({ retryAttempts: 0 });
    new Rule(this, 'Schedule', {
      description: 'Holds the state machines of run time against the registry',
      schedule: Schedule.rate(Duration.days(1)),
      targets: [new LambdaFunction(this.checkMachines.function, { retryAttempts: 0 })],
    });
    new CustomResource(this, 'Resource', {
      resourceType: 'Custom::RunTimeMachines',
      serviceToken: this.checkMachines.arn,
      serviceTimeout: Duration.minutes(15),
      properties: { Fingerprint: props.fingerprint },
    });
  }

  #createFunction(props: RunTimeMachinesProps): ServiceFunction {
    const { registry, runStep, settings, workflows } = props;
    const factory = new FunctionFactory(this, props);
    const created = factory.create('check-machines', {
      timeoutSeconds: 840,
      memoryMb: 512,
      environment: {
        REGISTRY_TABLE: registry.table.tableName,
        MACHINE_PREFIX: machinePrefixOf(settings.stage),
        MACHINE_ROLE_ARN: workflows.role.roleArn,
        RUN_STEP_FUNCTION: runStep.arn,
      },
    });
    created.mayUse(registry, ['Query']);
    created.mayQueryIndexes(registry, ['gsi1']);
    created.may(
      [
        'states:DescribeStateMachine',
        'states:CreateStateMachine',
        'states:UpdateStateMachine',
        'states:DeleteStateMachine',
        'states:ListExecutions',
      ],
      [factory.machines],
    );
    created.may(['states:ListStateMachines'], ['*']);
    created.mayPass([workflows.role.roleArn], 'states.amazonaws.com');
    acceptFindings(created, {
      'IAM5[Resource::*]':
        'ListStateMachines, the only action on it, knows no narrower resource (AWS: service authorization reference)',
    });
    return created;
  }
}
