/**
 * What tells the functions that an execution ended: the event of Step Functions, which is best effort (AWS), and
 * the sweeper's schedule for those that were lost.
 */
import { Duration } from 'aws-cdk-lib';
import { Match, Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acceptFindings } from '../accepted-findings.ts';
import { machineArn, machinePrefixOf } from '../names.ts';
import type { ServiceFunction } from './service-function.ts';

export interface ExecutionEventsProps {
  readonly stage: string;
  readonly recordExecution: ServiceFunction;
  readonly sweep: ServiceFunction;
}

export class ExecutionEvents extends Construct {
  /** Matches executions that failed or timed out, and so counts them. */
  readonly failures: Rule;
  /** The ends that could not be recorded. */
  readonly lostEvents: Queue;

  constructor(scope: Construct, id: string, { stage, recordExecution, sweep }: ExecutionEventsProps) {
    super(scope, id);
    this.lostEvents = this.#createLostEvents();
    const retried = { retryAttempts: 2, maxEventAge: Duration.hours(1) };
    recordExecution.function.configureAsyncInvoke({
      ...retried,
      onFailure: new SqsDestination(this.lostEvents),
    });
    this.#onStatus('Ended', ['SUCCEEDED', 'ABORTED'], { stage, recordExecution });
    this.failures = this.#onStatus('Failed', ['FAILED', 'TIMED_OUT'], { stage, recordExecution });
    new Rule(this, 'SweepSchedule', {
      description: 'Repairs executions whose start or end was lost',
      schedule: Schedule.rate(Duration.minutes(5)),
      targets: [new LambdaFunction(sweep.function, { retryAttempts: 0 })],
    });
  }

  /** An event is lost in two places: before the function takes it (the rule) and when the function fails. */
  #onStatus(
    id: string,
    status: readonly string[],
    { stage, recordExecution }: Pick<ExecutionEventsProps, 'stage' | 'recordExecution'>,
  ): Rule {
    return new Rule(this, id, {
      description: `Executions that ended: ${status.join(', ')}`,
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          status: [...status],
          stateMachineArn: Match.prefix(machineArn(this, machinePrefixOf(stage))),
        },
      },
      targets: [
        new LambdaFunction(recordExecution.function, {
          deadLetterQueue: this.lostEvents,
          retryAttempts: 10,
          maxEventAge: Duration.hours(1),
        }),
      ],
    });
  }

  #createLostEvents(): Queue {
    const queue = new Queue(this, 'LostEvents', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    acceptFindings(queue, { SQS3: 'It is itself the queue for what could not be delivered' });
    return queue;
  }
}
