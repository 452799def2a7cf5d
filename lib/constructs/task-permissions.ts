/** What starting and stopping tasks of Fargate takes: in one cluster, of the task definitions that the stage names. */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import { acceptFindings } from '../accepted-findings.ts';
import type { EcsStage } from '../settings.ts';
import type { ServiceFunction } from './service-function.ts';

/** AWS: service authorization reference of Elastic Container Service. */
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
