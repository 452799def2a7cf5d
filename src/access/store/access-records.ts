/** The access table for those who have the SDK, or the database in their own process. */
import type { Table } from '../../aws/table.ts';
import type { AccessRecords } from '../access-records.ts';

export const accessRecordsOf = (table: Table): AccessRecords => ({
  get: ({ pk, sk }) => table.get({ pk, sk }, { consistent: true }),
  async noteUse({ pk, sk }, { at, unlessAfter }) {
    await table.update(
      { pk, sk },
      {
        set: { lastUsedAt: at },
        condition: {
          expression: 'attribute_exists(pk) AND (attribute_not_exists(lastUsedAt) OR lastUsedAt <= :after)',
          values: { ':after': unlessAfter },
        },
      },
    );
  },
  async countFailure({ pk, sk }, { at, expiresAtEpochSeconds }) {
    await table.update({ pk, sk }, { add: { failures: 1 }, set: { failedAt: at, expiresAtEpochSeconds } });
  },
  async forgetFailures({ pk, sk }) {
    await table.update({ pk, sk }, { remove: ['failures'] });
  },
});
