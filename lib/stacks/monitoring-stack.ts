/** Tells when something needs a person: a topic, the alarms that write to it, and a dashboard. */
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { Alarms } from '../constructs/alarms.ts';
import { StageDashboard, type StageDashboardProps } from '../constructs/dashboard.ts';

export type MonitoringStackProps = StackProps & Omit<StageDashboardProps, 'topic' | 'alarms'>;

export class MonitoringStack extends Stack {
  constructor(scope: Construct, id: string, props: MonitoringStackProps) {
    super(scope, id, props);
    const { alarmEmail, dashboard } = props.settings;
    const topic = new Topic(this, 'Topic', { displayName: id, enforceSSL: true });
    if (alarmEmail !== undefined) topic.addSubscription(new EmailSubscription(alarmEmail));
    const alarms = new Alarms(this, 'Alarms', { ...props, topic });
    keepExports(props);
    if (dashboard) new StageDashboard(this, 'Overview', { ...props, topic, alarms });
    new CfnOutput(this, 'AlarmTopic', { value: topic.topicArn, description: 'Subscribe to it for alarms' });
  }
}

/** Also where there is no dashboard any more: CloudFormation takes no export away that the deployed stack still uses. */
function keepExports({ runStep, recordExecution, api, lifecycle }: MonitoringStackProps): void {
  for (const one of [runStep, recordExecution, api, lifecycle]) {
    const stack = Stack.of(one);
    stack.exportValue(one.function.functionName);
    stack.exportValue(one.logGroup.logGroupName);
  }
}
