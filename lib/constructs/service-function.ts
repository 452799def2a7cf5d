/**
 * One function: the bundle of a folder of lambdas/, its log, and a role that may only write that log until
 * something is granted.
 */
import { join } from 'node:path';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type Conditions, Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, CfnFunction, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
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
  /** The network that it calls out of; without one, it calls the internet and nothing else. */
  readonly network?: FunctionNetwork | undefined;
}

export interface FunctionNetwork {
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
}

/** What lies beside the bundles and is not deployed. */
export const notDeployed = ['*.map'];

export type TableAction = 'GetItem' | 'BatchGetItem' | 'PutItem' | 'UpdateItem' | 'DeleteItem' | 'Query';

const reading: readonly TableAction[] = ['GetItem', 'BatchGetItem', 'Query'];

export class ServiceFunction extends Construct {
  readonly function: LambdaFunction;
  /** Where its lines are. */
  readonly logGroup: LogGroup;
  readonly arn: string;

  /** The id is the name of the folder in lambdas/. */
  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    this.logGroup = new LogGroup(this, 'Log', {
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.logGroup.grantWrite(role);
    this.function = new LambdaFunction(this, 'Function', {
      description: `${id} of ${Stack.of(this).stackName}`,
      code: Code.fromAsset(join(props.bundles, id), { exclude: notDeployed }),
      handler: 'handler.handler',
      runtime: Runtime.NODEJS_22_X,
      architecture: Architecture.ARM_64,
      timeout: Duration.seconds(props.timeoutSeconds),
      memorySize: props.memoryMb,
      environment: props.environment,
      logGroup: this.logGroup,
      role,
    });
    this.arn = this.function.functionArn;
    if (props.network) this.#joinNetwork(props.network);
    acceptFindings(this.function, {
      L1: 'The runtime is raised on purpose, together with the target of the bundles',
    });
  }

  /** Not its indexes, and of its secrets nothing but writing unless it says so. */
  mayUse(
    { table, secretKeys }: RecordTable,
    actions: readonly TableAction[],
    { secrets = false } = {},
  ): void {
    this.may(
      actions.map((action) => `dynamodb:${action}`),
      [table.tableArn],
    );
    const reads = actions.filter((action) => reading.includes(action));
    if (!secrets && secretKeys.length > 0 && reads.length > 0)
      this.#mayNotRead(table.tableArn, reads, secretKeys);
  }

  /** Whatever else it may (AWS: LeadingKeys are the partition keys that a request asks for). */
  #mayNotRead(tableArn: string, reads: readonly TableAction[], keys: readonly string[]): void {
    this.function.addToRolePolicy(
      new PolicyStatement({
        effect: Effect.DENY,
        actions: reads.map((action) => `dynamodb:${action}`),
        resources: [tableArn],
        conditions: { 'ForAnyValue:StringLike': { 'dynamodb:LeadingKeys': [...keys] } },
      }),
    );
  }

  mayQueryIndexes(table: RecordTable, names: readonly `gsi${number}`[]): void {
    this.may(
      ['dynamodb:Query'],
      names.map((name) => table.indexArn(name)),
    );
  }

  /** Hands these roles to this service alone. */
  mayPass(roleArns: readonly string[], service: string): void {
    this.may(['iam:PassRole'], roleArns, { StringEquals: { 'iam:PassedToService': service } });
  }

  /** Looks through what functions have logged; what a query has found is under its id alone (AWS: GetQueryResults). */
  mayReadLogs(groups: readonly LogGroup[]): void {
    this.may(
      ['logs:FilterLogEvents', 'logs:StartQuery'],
      groups.map(({ logGroupArn }) => logGroupArn),
    );
    this.may(['logs:GetQueryResults'], ['*']);
    acceptFindings(this, {
      'IAM5[Resource::*]':
        'GetQueryResults knows no narrower resource: whoever has the id of a query may read it',
    });
  }

  may(actions: readonly string[], resources: readonly string[], conditions?: Conditions): void {
    const statement = { actions: [...actions], resources: [...resources], ...(conditions && { conditions }) };
    this.function.addToRolePolicy(new PolicyStatement(statement));
  }

  /** Lambda makes and removes its network interfaces in the name of the function (AWS: VPC access of functions). */
  #joinNetwork({ subnets, securityGroups }: FunctionNetwork): void {
    const { defaultChild } = this.function.node;
    if (!(defaultChild instanceof CfnFunction)) throw new Error('a function has no resource of its own');
    defaultChild.vpcConfig = { subnetIds: [...subnets], securityGroupIds: [...securityGroups] };
    this.may(
      ['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DeleteNetworkInterface'],
      ['*'],
    );
    acceptFindings(this, {
      'IAM5[Resource::*]':
        'Lambda needs these of network interfaces that do not exist yet; DescribeNetworkInterfaces knows no narrower resource',
    });
  }
}
