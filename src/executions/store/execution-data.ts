/**
 * Deletes what an ended execution was about: input, output, results, undos, errors, labels. What is left is that it was: its
 * id, workflow and times, so that its idempotency key and its name in Step Functions stay taken.
 */
import type { Table } from '../../aws/table.ts';
import { inBatches } from '../../base/in-batches.ts';

export interface DeletedData {
  readonly steps: number;
  /** Items of large results and of a large output. */
  readonly parts: number;
}

const atOnce = 20;

export type ExecutionData = ReturnType<typeof createExecutionData>;

export function createExecutionData(table: Table) {
  return {
    /** False where it is not the end that was seen: it was retried. Doing it again deletes what a crash had left. */
    async delete(seen: { readonly id: string; readonly closedAt: string }, at: string) {
      const pk = `EXECUTION#${seen.id}`;
      const marked = await table.update(
        { pk, sk: 'META' },
        {
          set: { dataDeletedAt: at, inputText: 'null', labels: {} },
          remove: ['outputText', 'outputApart', 'error', 'reason'],
          condition: {
            expression: 'closedAt = :closedAt AND attribute_not_exists(untold)',
            values: { ':closedAt': seen.closedAt },
          },
        },
      );
      return marked && (await deleteParts(table, pk));
    },
    /** How much there is. */
    async count(id: string): Promise<DeletedData> {
      return countOf(await partsOf(table, `EXECUTION#${id}`));
    },
  };
}

async function deleteParts(table: Table, pk: string): Promise<DeletedData> {
  const parts = await partsOf(table, pk);
  await inBatches(parts, atOnce, (batch) => Promise.all(batch.map((sk) => table.delete({ pk, sk }))));
  return countOf(parts);
}

async function partsOf(table: Table, pk: string): Promise<string[]> {
  const items = await table.queryAll({ pk, consistent: true });
  return items.map(({ sk }) => String(sk)).filter((sk) => sk !== 'META');
}

function countOf(parts: readonly string[]): DeletedData {
  const steps = parts.filter((sk) => sk.startsWith('STEP#')).length;
  return { steps, parts: parts.length - steps };
}
