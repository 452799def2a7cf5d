/** A function that a schedule of EventBridge calls; a run that fails is followed by the next one, and not repeated. */
import type { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { FunctionFactory, type StageProps } from './function-factory.ts';
import type { ServiceFunction } from './service-function.ts';

export interface ScheduledFunctionProps {
  readonly stage: StageProps;
  /** The folder in lambdas/. */
  readonly name: string;
  readonly every: Duration;
  /** What a run does, in one sentence. */
  readonly says: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  /** Of its own, besides the tables that it names. */
  readonly environment?: (factory: FunctionFactory) => Record<string, string>;
  /** Whether its calls carry the credentials of services; they do when left out. */
  readonly credentials?: boolean;
  readonly tables: readonly ('registry' | 'instances' | 'executions' | 'telemetry' | 'audit')[];
}

const variables = {
  registry: 'REGISTRY_TABLE',
  instances: 'INSTANCES_TABLE',
  executions: 'EXECUTIONS_TABLE',
  telemetry: 'TELEMETRY_TABLE',
  audit: 'AUDIT_TABLE',
} as const;

/** Calls services, and is granted by who makes it what it does besides. */
export class ScheduledFunction extends Construct {
  readonly scheduled: ServiceFunction;
  protected readonly factory: FunctionFactory;

  constructor(scope: Construct, id: string, props: ScheduledFunctionProps) {
    super(scope, id);
    const { stage, name, every, says, timeoutSeconds, memoryMb, tables, credentials = true } = props;
    this.factory = new FunctionFactory(this, stage);
    this.scheduled = this.factory.create(name, {
      timeoutSeconds,
      memoryMb,
      calls: true,
      credentials,
      environment: {
        ...Object.fromEntries(tables.map((table) => [variables[table], stage[table].table.tableName])),
        ...props.environment?.(this.factory),
      },
    });
    new Rule(this, 'Schedule', {
      description: says,
      schedule: Schedule.rate(every),
      targets: [new LambdaFunction(this.scheduled.function, { retryAttempts: 0 })],
    });
  }
}
