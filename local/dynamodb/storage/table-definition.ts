/** What a table is: its keys, its indexes and its settings, as they are kept. */
import * as z from 'zod';

const KeyAttribute = z.object({ name: z.string(), type: z.enum(['S', 'N', 'B']) });
export type KeyAttribute = z.infer<typeof KeyAttribute>;

const KeySchema = z.object({ hash: KeyAttribute, range: KeyAttribute.optional() });
export type KeySchema = z.infer<typeof KeySchema>;

const Throughput = z.object({ ReadCapacityUnits: z.number(), WriteCapacityUnits: z.number() });
export type Throughput = z.infer<typeof Throughput>;

const SecondaryIndex = z.object({
  /** Before the keys of its entries; never used again. */
  id: z.number(),
  name: z.string(),
  scope: z.enum(['global', 'local']),
  keys: KeySchema,
  projection: z.object({
    type: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
    attributes: z.array(z.string()),
  }),
  throughput: Throughput,
  /** False while the entries of items that were there before it are written. */
  complete: z.boolean(),
});
export type SecondaryIndex = z.infer<typeof SecondaryIndex>;

export const TableDefinition = z.object({
  /** Before the keys of its items; never used again. */
  id: z.number(),
  name: z.string(),
  uuid: z.string(),
  createdAtMs: z.number(),
  keys: KeySchema,
  attributes: z.array(KeyAttribute),
  indexes: z.array(SecondaryIndex),
  onDemand: z.boolean(),
  throughput: Throughput,
  tableClass: z.string().optional(),
  protected: z.boolean(),
  /** `id` stands before the entries that say when items expire. */
  expiry: z.object({ attribute: z.string(), id: z.number(), complete: z.boolean() }).optional(),
  tags: z.array(z.object({ Key: z.string(), Value: z.string() })),
});
export type TableDefinition = z.infer<typeof TableDefinition>;
