/**
 * One function: the bundle of a folder of lambdas/, its log, and a role that may only write that log until
 * something is granted.
 */
import { join } from 'node:path';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acceptFindings } from '../accepted-findings.ts';
import type { RecordTable } from './record-table.ts';

export interface ServiceFunctionProps {
  /** The folder that holds one folder for each function. */
  readonly bundles: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly logRetentionDays: RetentionDays;
  readonly environment: Record<string, string>;
}

/** What lies beside the bundles and is not deployed. */
export const notDeployed = ['*.map'];

export type TableAction = 'GetItem' | 'BatchGetItem' | 'PutItem' | 'UpdateItem' | 'DeleteItem' | 'Query';

export class ServiceFunction extends Construct {
  readonly function: LambdaFunction;
  readonly arn: string;

  /** The id is the name of the folder in lambdas/. */
  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Log', {
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    this.function = new LambdaFunction(this, 'Function', {
      description: `${id} of ${Stack.of(this).stackName}`,
      code: Code.fromAsset(join(props.bundles, id), { exclude: notDeployed }),
      handler: 'handler.handler',
      runtime: Runtime.NODEJS_22_X,
      architecture: Architecture.ARM_64,
      timeout: Duration.seconds(props.timeoutSeconds),
      memorySize: props.memoryMb,
      environment: props.environment,
      logGroup,
      role,
    });
    this.arn = this.function.functionArn;
    acceptFindings(this.function, {
      L1: 'The runtime is raised on purpose, together with the target of the bundles',
    });
  }

  /** Not its indexes. */
  mayUse({ table }: RecordTable, actions: readonly TableAction[]): void {
    this.may(
      actions.map((action) => `dynamodb:${action}`),
      [table.tableArn],
    );
  }

  mayQueryIndexes(table: RecordTable, names: readonly `gsi${number}`[]): void {
    this.may(
      ['dynamodb:Query'],
      names.map((name) => table.indexArn(name)),
    );
  }

  /** Hands the role to this service alone. */
  mayPass({ roleArn }: IRole, service: string): void {
    const conditions = { StringEquals: { 'iam:PassedToService': service } };
    this.function.addToRolePolicy(
      new PolicyStatement({ actions: ['iam:PassRole'], resources: [roleArn], conditions }),
    );
  }

  may(actions: readonly string[], resources: readonly string[]): void {
    this.function.addToRolePolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  }
}
