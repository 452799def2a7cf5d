/** What must not be lost: the tables, apart from everything that can be made again. */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { tableShapes } from '../../src/domain/tables.ts';
import { RecordTable } from '../constructs/record-table.ts';

export class DataStack extends Stack {
  readonly registry: RecordTable;
  readonly executions: RecordTable;

  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);
    this.registry = new RecordTable(this, 'Registry', {
      shape: tableShapes.registry,
      pointInTimeRecovery: true,
    });
    // Without point-in-time recovery: a past state would not match what Step Functions has run since.
    this.executions = new RecordTable(this, 'Executions', {
      shape: tableShapes.executions,
      pointInTimeRecovery: false,
    });
  }
}
