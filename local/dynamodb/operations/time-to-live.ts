import * as z from 'zod';
import { invalid } from '../api-error.ts';
import { TableName } from './input.ts';
import { type Operation, operation, writing } from './operation.ts';
import { tableOf } from './tables.ts';

const UpdateTimeToLive = z.object({
  TableName,
  TimeToLiveSpecification: z.object({ Enabled: z.boolean(), AttributeName: z.string().min(1).max(255) }),
});

export const timeToLiveOperations: Readonly<Record<string, Operation>> = {
  UpdateTimeToLive: writing(
    UpdateTimeToLive,
    (context, { TableName: name, TimeToLiveSpecification: wanted }) => {
      const { store, housekeeping } = context;
      const table = tableOf(context, name);
      const { Enabled: enabled, AttributeName: attribute } = wanted;
      if (enabled && table.expiry !== undefined) throw invalid('TimeToLive is already enabled');
      if (!enabled && table.expiry === undefined) throw invalid('TimeToLive is already disabled');
      if (!enabled && table.expiry?.attribute !== attribute)
        throw invalid(
          `TimeToLive is active on a different AttributeName: current AttributeName is ${table.expiry?.attribute}`,
        );
      const id = enabled ? store.environment.transact(() => store.newNumber()) : undefined;
      const { expiry: _, ...without } = table;
      store.keepTable(id === undefined ? without : { ...table, expiry: { attribute, id, complete: false } });
      void housekeeping.run();
      return JSON.stringify({ TimeToLiveSpecification: wanted });
    },
  ),
  DescribeTimeToLive: operation(z.object({ TableName }), (context, input) => {
    const { expiry } = tableOf(context, input.TableName);
    const TimeToLiveDescription = expiry
      ? { TimeToLiveStatus: 'ENABLED', AttributeName: expiry.attribute }
      : { TimeToLiveStatus: 'DISABLED' };
    return JSON.stringify({ TimeToLiveDescription });
  }),
};
