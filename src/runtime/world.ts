/** What every context takes from the world: time, ids, hashing, and where AWS answers. */
import { createHash, randomUUID } from 'node:crypto';
import { createDocumentClient } from '../aws/table.ts';
import type { Clock } from '../base/clock.ts';
import type { RegistryConfig } from './config.ts';

export const systemClock: Clock = { now: () => Date.now() };

/** An endpoint that is named has no region of its own, and takes any credentials unless it has its own. */
export const connection = (
  endpoint: string | undefined,
  {
    ENDPOINT_ACCESS_KEY_ID: accessKeyId = 'local',
    ENDPOINT_SECRET_ACCESS_KEY: secretAccessKey = 'local',
  }: Pick<RegistryConfig, 'ENDPOINT_ACCESS_KEY_ID' | 'ENDPOINT_SECRET_ACCESS_KEY'>,
) =>
  endpoint === undefined
    ? {}
    : { endpoint, region: 'us-east-1', credentials: { accessKeyId, secretAccessKey } };

/** In its own process nobody asks who signed. */
const unsigned = { signer: { sign: async <T>(request: T): Promise<T> => request } };

export const documentsOf = (config: RegistryConfig) =>
  createDocumentClient(
    config.DYNAMODB_HANDLER === undefined
      ? connection(config.DYNAMODB_ENDPOINT, config)
      : {
          ...connection('http://dynamodb.local', config),
          ...unsigned,
          requestHandler: config.DYNAMODB_HANDLER,
        },
  );

export const newId = (): string => randomUUID().replaceAll('-', '');

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
