/** What every context takes from the world: time, ids, hashing, and where AWS answers. */
import { createHash, randomUUID } from 'node:crypto';
import type { Documents } from '../aws/documents.ts';
import { sdkDocuments } from '../aws/sdk-documents.ts';
import type { Clock } from '../base/clock.ts';
import type { RegistryConfig } from './config.ts';

export const systemClock: Clock = { now: () => Date.now() };

/** An endpoint that is named has no region of its own, and takes any credentials unless it has its own. */
function connection(endpoint: string | undefined, config: RegistryConfig) {
  if (endpoint === undefined) return {};
  const {
    ENDPOINT_ACCESS_KEY_ID: accessKeyId = 'local',
    ENDPOINT_SECRET_ACCESS_KEY: secretAccessKey = 'local',
  } = config;
  return { endpoint, region: 'us-east-1', credentials: { accessKeyId, secretAccessKey } };
}

export const documentsOf = (config: RegistryConfig): Documents =>
  config.DYNAMODB_DOCUMENTS ?? sdkDocuments(connection(config.DYNAMODB_ENDPOINT, config));

/** In its own process nobody asks who signed. */
const unsigned = { signer: { sign: async <T>(request: T): Promise<T> => request } };

export function stepFunctionsConnection(config: RegistryConfig) {
  const { STEP_FUNCTIONS_HANDLER: requestHandler, STEP_FUNCTIONS_ENDPOINT: endpoint } = config;
  if (requestHandler === undefined) return connection(endpoint, config);
  return { ...connection('http://step-functions.local', config), ...unsigned, requestHandler };
}

export const newId = (): string => randomUUID().replaceAll('-', '');

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
