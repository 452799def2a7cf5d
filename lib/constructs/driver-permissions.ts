/** What drivers may do on AWS: nothing but with what the stage names. */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import { acceptFindings } from '../accepted-findings.ts';
import type { EcsStage } from '../settings.ts';
import type { ServiceFunction } from './service-function.ts';

/** Starting and stopping tasks of these definitions, in this cluster (AWS: service authorization reference). */
export function grantTasks(caller: ServiceFunction, ecs: EcsStage): void {
  const arn = (resource: string, resourceName: string): string =>
    Stack.of(caller).formatArn({
      service: 'ecs',
      resource,
      resourceName,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
  const inCluster = { ArnEquals: { 'ecs:cluster': arn('cluster', ecs.cluster) } };
  const tasks = arn('task', `${ecs.cluster}/*`);
  const definitions = ecs.taskDefinitions.map((family) => arn('task-definition', `${family}:*`));
  caller.may(['ecs:RunTask'], definitions, inCluster);
  caller.may(['ecs:StopTask', 'ecs:DescribeTasks'], [tasks], inCluster);
  caller.may(['ecs:TagResource'], [tasks], { StringEquals: { 'ecs:CreateAction': 'RunTask' } });
  caller.may(['ecs:ListTasks'], ['*'], inCluster);
  caller.may(['ecs:DescribeTaskDefinition'], ['*']);
  if (ecs.reach === 'public') caller.may(['ec2:DescribeNetworkInterfaces'], ['*']);
  if (ecs.roles.length > 0) caller.mayPass(ecs.roles, 'ecs-tasks.amazonaws.com');
  acceptFindings(caller, {
    'IAM5[Resource::*]':
      'ListTasks is bound to the cluster by its condition; DescribeTaskDefinition and DescribeNetworkInterfaces know no narrower resource',
    [`IAM5[Resource::arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:task/${ecs.cluster}/*]`]:
      'Tasks are made at run time; the cluster is that of the stage',
    ...Object.fromEntries(
      ecs.taskDefinitions.map((family) => [
        `IAM5[Resource::arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:task-definition/${family}:*]`,
        'A service names a family, of which the newest revision runs',
      ]),
    ),
  });
}

/** Starting and stopping these functions, and what is provisioned for their aliases. */
export function grantFunctions(caller: ServiceFunction, names: readonly string[]): void {
  const arnOf = (name: string): string =>
    Stack.of(caller).formatArn({
      service: 'lambda',
      resource: 'function',
      resourceName: name,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  const actionsOn = (what: string): string[] =>
    ['Get', 'Put', 'Delete'].map((verb) => `lambda:${verb}${what}`);
  caller.may(actionsOn('FunctionConcurrency'), names.map(arnOf));
  caller.may(
    actionsOn('ProvisionedConcurrencyConfig'),
    names.map((name) => `${arnOf(name)}:*`),
  );
  acceptFindings(
    caller,
    Object.fromEntries(
      names.map((name) => [
        `IAM5[Resource::arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:${name}:*]`,
        'A service names the alias of its function',
      ]),
    ),
  );
}
