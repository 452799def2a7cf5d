/** Tables of one database for the tests of a file, which are skipped where that database cannot be had. */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { Table } from '../../src/aws/table.ts';
import { databaseBoundMs, type TestDatabase } from './databases.ts';
import { present, type Skipped } from './on-demand.ts';

export type StoreTables = Readonly<Record<keyof TestDatabase['tables'], Table>>;

/** Starts the database before the tests of this `describe`, hands its tables over, and stops it after them. */
export function withTables(
  start: () => Promise<TestDatabase | Skipped>,
  use: (tables: StoreTables) => void,
): void {
  let database: TestDatabase | Skipped;
  let stop = async (): Promise<void> => undefined;

  beforeAll(async () => {
    database = await start();
    if ('skipped' in database) return;
    const { documents, tables } = database;
    stop = database.stop;
    use({
      registry: new Table(documents, tables.registry),
      instances: new Table(documents, tables.instances),
      telemetry: new Table(documents, tables.telemetry),
      access: new Table(documents, tables.access),
      audit: new Table(documents, tables.audit),
      executions: new Table(documents, tables.executions),
    });
  }, databaseBoundMs);

  beforeEach((context) => {
    present(database, context);
  });

  afterAll(() => stop());
}
