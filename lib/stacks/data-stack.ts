/** What must not be lost: the tables, apart from everything that can be made again. */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { tableShapes } from '../../src/aws/model/tables.ts';
import { RecordTable } from '../constructs/record-table.ts';

export interface DataStackProps extends StackProps {
  /** Whether the tables outlive the stack, and the stack cannot be deleted by accident. */
  readonly keepData: boolean;
}

export class DataStack extends Stack {
  readonly registry: RecordTable;
  readonly instances: RecordTable;
  readonly executions: RecordTable;
  readonly telemetry: RecordTable;
  readonly access: RecordTable;
  readonly audit: RecordTable;

  constructor(scope: Construct, id: string, { keepData: keep, ...props }: DataStackProps) {
    super(scope, id, { ...props, terminationProtection: keep });
    this.registry = new RecordTable(this, 'Registry', {
      shape: tableShapes.registry,
      pointInTimeRecovery: true,
      keep,
      secretKeys: ['WEBHOOK_SECRET#*'],
    });
    // Without point-in-time recovery: instances register again by themselves.
    this.instances = new RecordTable(this, 'Instances', {
      shape: tableShapes.instances,
      pointInTimeRecovery: false,
      keep,
    });
    // Without point-in-time recovery: a past state would not match what Step Functions has run since.
    this.executions = new RecordTable(this, 'Executions', {
      shape: tableShapes.executions,
      pointInTimeRecovery: false,
      keep,
    });
    // It goes with its stack: measurements of what ran, which nothing is decided by for longer than a day.
    this.telemetry = new RecordTable(this, 'Telemetry', {
      shape: tableShapes.telemetry,
      pointInTimeRecovery: false,
      keep: false,
      streamed: true,
    });
    // Keys that were given to people and programs cannot be made again.
    this.access = new RecordTable(this, 'Access', {
      shape: tableShapes.access,
      pointInTimeRecovery: true,
      keep,
    });
    // Who did what cannot be made again either.
    this.audit = new RecordTable(this, 'Audit', {
      shape: tableShapes.audit,
      pointInTimeRecovery: true,
      keep,
    });
  }
}
