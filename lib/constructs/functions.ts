/** The functions, each with the variables that it reads and the calls that it makes, and no more. */
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import type { Deployment } from '../deployment.ts';
import { executionsArn, machineArn, machinePrefixOf, undoMachineNameOf } from '../names.ts';
import type { RecordTable } from './record-table.ts';
import { ServiceFunction, type TableAction } from './service-function.ts';

export interface FunctionsProps {
  readonly deployment: Deployment;
  /** The folder that holds one bundle for each function. */
  readonly bundles: string;
  readonly registry: RecordTable;
  readonly executions: RecordTable;
}

interface Sizing {
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment?: Record<string, string>;
}

/** What ending an execution takes: its steps, and the step of another execution that waits for it. */
const ending: readonly TableAction[] = ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'Query'];

export class Functions extends Construct {
  readonly api: ServiceFunction;
  readonly runStep: ServiceFunction;
  readonly undo: ServiceFunction;
  readonly recordExecution: ServiceFunction;
  readonly sweep: ServiceFunction;
  readonly #props: FunctionsProps;
  readonly #undoMachine: string;
  /** The machines of workflows, of the manifest and of run time alike, and their executions. */
  readonly #machines: string;
  readonly #runs: string;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    const { stage } = props.deployment;
    this.#props = props;
    this.#undoMachine = machineArn(this, undoMachineNameOf(stage));
    this.#machines = machineArn(this, `${machinePrefixOf(stage)}*`);
    this.#runs = executionsArn(this, `${machinePrefixOf(stage)}*`);
    this.runStep = this.#createRunStep();
    this.undo = this.#createUndo();
    this.recordExecution = this.#createRecordExecution();
    this.sweep = this.#createSweep();
    this.api = this.#createApi();
    this.#acknowledgePrefix();
  }

  /** Lets the API make machines that run as this role; API Gateway's own limit is 29 s. */
  letApiCreateMachines(machineRole: Role): void {
    this.api.function.addEnvironment('MACHINE_ROLE_ARN', machineRole.roleArn);
    this.api.may(['states:CreateStateMachine'], [this.#machines]);
    this.api.function.addToRolePolicy(
      new PolicyStatement({
        actions: ['iam:PassRole'],
        resources: [machineRole.roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'states.amazonaws.com' } },
      }),
    );
  }

  #createApi(): ServiceFunction {
    const { deployment, registry, executions } = this.#props;
    const api = this.#create('api', {
      timeoutSeconds: 29,
      memoryMb: 1024,
      environment: {
        MACHINE_PREFIX: machinePrefixOf(deployment.stage),
        RUN_STEP_FUNCTION: this.runStep.arn,
        ...(deployment.defaultWorkflow && { DEFAULT_WORKFLOW: deployment.defaultWorkflow }),
      },
    });
    api.mayUse(registry, ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query']);
    for (const table of [registry, executions]) api.mayQueryIndexes(table);
    this.#mayEndExecutions(api);
    api.may(['states:StartExecution'], [this.#machines]);
    api.may(['states:DescribeStateMachine'], [this.#undoMachine]);
    api.may(
      ['states:DescribeExecution', 'states:RedriveExecution', 'states:GetExecutionHistory'],
      [this.#runs],
    );
    return api;
  }

  #createRunStep(): ServiceFunction {
    const runStep = this.#create('run-step', {
      timeoutSeconds: 900,
      memoryMb: 512,
      environment: { EGRESS_ALLOWED_NETWORKS: this.#props.deployment.egressAllowedNetworks },
    });
    runStep.mayUse(this.#props.registry, ['GetItem']);
    this.#mayEndExecutions(runStep);
    runStep.may(['states:StartExecution'], [this.#machines]);
    runStep.may(['states:DescribeExecution', 'states:RedriveExecution'], [this.#runs]);
    return runStep;
  }

  #createUndo(): ServiceFunction {
    const undo = this.#create('undo', {
      timeoutSeconds: 120,
      memoryMb: 512,
      environment: { EGRESS_ALLOWED_NETWORKS: this.#props.deployment.egressAllowedNetworks },
    });
    undo.mayUse(this.#props.registry, ['GetItem']);
    this.#mayEndExecutions(undo);
    undo.may(['states:GetExecutionHistory'], [this.#runs]);
    return undo;
  }

  #createRecordExecution(): ServiceFunction {
    const recordExecution = this.#create('record-execution', { timeoutSeconds: 30, memoryMb: 512 });
    recordExecution.mayUse(this.#props.registry, ['GetItem']);
    this.#mayEndExecutions(recordExecution);
    recordExecution.may(['states:DescribeExecution'], [this.#runs]);
    return recordExecution;
  }

  #createSweep(): ServiceFunction {
    const sweep = this.#create('sweep', { timeoutSeconds: 120, memoryMb: 512 });
    sweep.mayUse(this.#props.registry, ['GetItem']);
    this.#mayEndExecutions(sweep);
    sweep.mayQueryIndexes(this.#props.executions);
    sweep.may(['states:StartExecution'], [this.#machines]);
    sweep.may(['states:DescribeExecution', 'states:RedriveExecution'], [this.#runs]);
    return sweep;
  }

  /** Ending one may end those that it waits for, undo steps, and call the step back that waits for it. */
  #mayEndExecutions(caller: ServiceFunction): void {
    caller.mayUse(this.#props.executions, ending);
    caller.may(['states:StopExecution'], [this.#runs]);
    caller.may(['states:StartExecution'], [this.#undoMachine]);
    caller.may(['states:SendTaskSuccess', 'states:SendTaskFailure'], [this.#machines]);
  }

  #create(name: string, { timeoutSeconds, memoryMb, environment }: Sizing): ServiceFunction {
    const { deployment, bundles, registry, executions } = this.#props;
    return new ServiceFunction(this, name, {
      bundles,
      timeoutSeconds,
      memoryMb,
      environment: {
        STAGE: deployment.stage,
        LOG_LEVEL: deployment.logLevel,
        LOG_OUTPUT: 'console',
        REGISTRY_TABLE: registry.table.tableName,
        EXECUTIONS_TABLE: executions.table.tableName,
        RETENTION_DAYS: String(deployment.retentionDays),
        UNDO_MACHINE_ARN: this.#undoMachine,
        ...environment,
      },
    });
  }

  #acknowledgePrefix(): void {
    const prefix = machinePrefixOf(this.#props.deployment.stage);
    const arn = (rest: string): string =>
      `IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:${rest}]`;
    const reason = 'Machines are made at run time; the prefix is of this stage alone';
    acknowledge(this, {
      [arn(`stateMachine:${prefix}*`)]: reason,
      [arn(`execution:${prefix}*:*`)]: reason,
    });
  }
}
