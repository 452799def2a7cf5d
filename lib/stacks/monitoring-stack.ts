/** Tells when something needs a person: a topic, and the alarms that write to it. */
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { Alarms, type AlarmsProps } from '../constructs/alarms.ts';

export interface MonitoringStackProps extends StackProps, Omit<AlarmsProps, 'topic'> {
  readonly alarmEmail: string | undefined;
}

export class MonitoringStack extends Stack {
  constructor(scope: Construct, id: string, { alarmEmail, ...props }: MonitoringStackProps) {
    super(scope, id, props);
    const topic = new Topic(this, 'Topic', { displayName: id, enforceSSL: true });
    if (alarmEmail !== undefined) topic.addSubscription(new EmailSubscription(alarmEmail));
    new Alarms(this, 'Alarms', { ...props, topic });
    new CfnOutput(this, 'AlarmTopic', { value: topic.topicArn, description: 'Subscribe to it for alarms' });
  }
}
