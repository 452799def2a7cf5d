/** The embedded DynamoDB: its store, what goes on in the background, and the one way in. */
import type { AnswerRequest } from '../aws-endpoint/answer.ts';
import { answerTo, perform } from './dispatch.ts';
import type { OperationContext } from './operations/operation.ts';
import { Housekeeping } from './storage/housekeeping.ts';
import { Store } from './storage/store.ts';

export interface DatabaseOptions {
  /** A folder. */
  readonly path: string;
  /** `disk`: a write is acknowledged after it is on the disk. Default: when it outlives every process. */
  readonly durability?: 'process' | 'disk' | undefined;
  /** Default us-east-1. */
  readonly region?: string;
  /** Default 000000000000. */
  readonly accountId?: string;
  /** By which items expire; default: that of the system. */
  readonly nowMs?: () => number;
  /** Default: a minute. */
  readonly expireEveryMs?: number;
}

export interface Database {
  readonly answer: AnswerRequest;
  /** `PutItem` and the like: the JSON of the answer. Throws `ApiError`, and what the store throws. */
  perform(operation: string, input: unknown): string | Promise<string>;
  /** Does at once what else goes on in the background. */
  tidy(): Promise<void>;
  close(): Promise<void>;
}

export function openDatabase(options: DatabaseOptions): Database {
  const {
    region = 'us-east-1',
    accountId = '000000000000',
    nowMs = Date.now,
    expireEveryMs: everyMs = 60_000,
  } = options;
  const store = new Store(options);
  const housekeeping = new Housekeeping(store, { nowMs, everyMs });
  const context: OperationContext = { store, housekeeping, region, accountId, nowMs };
  return {
    answer: (request) => answerTo(context, request),
    perform: (operation, input) => perform(context, operation, input),
    tidy: () => housekeeping.run(),
    async close() {
      await housekeeping.end();
      await store.close();
    },
  };
}
