/**
 * The requests that tables make of DynamoDB, with its names for their fields and values as JSON has them. On AWS the SDK
 * makes them; local mode answers them in its own process (ADR 25).
 */
import type {
  BatchGetCommandInput,
  DeleteCommandInput,
  GetCommandInput,
  PutCommandInput,
  QueryCommandInput,
  UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';

export type Item = Record<string, unknown>;

export interface Documents {
  get(input: GetCommandInput): Promise<Item | undefined>;
  batchGet(input: BatchGetCommandInput): Promise<BatchRead>;
  query(input: QueryCommandInput): Promise<Page>;
  /** Like the next two: false when the condition did not hold, and nothing is changed. */
  put(input: PutCommandInput): Promise<boolean>;
  update(input: UpdateCommandInput): Promise<boolean>;
  delete(input: DeleteCommandInput): Promise<boolean>;
  close(): void;
}

/** By the name of the table. */
export interface BatchRead {
  readonly found: Readonly<Record<string, Item[]>>;
  readonly unprocessed: Readonly<Record<string, { readonly Keys?: Item[] | undefined }>>;
}

export interface Page {
  readonly items: Item[];
  readonly next: Item | undefined;
}
