/** Where AWS answers: at its own endpoints, at one that the configuration names, or in this process. */
import type { Documents } from '../aws/documents.ts';
import { sdkDocuments } from '../aws/sdk-documents.ts';
import type { RegistryConfig } from './config.ts';

/** An endpoint that is named has no region of its own, and takes any credentials. */
export const connection = (endpoint: string | undefined) =>
  endpoint === undefined
    ? {}
    : {
        endpoint,
        region: 'us-east-1',
        credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      };

export const documentsOf = (config: RegistryConfig): Documents =>
  config.DYNAMODB_DOCUMENTS ?? sdkDocuments(connection(config.DYNAMODB_ENDPOINT));

/** In its own process nobody asks who signed. */
const unsigned = { signer: { sign: async <T>(request: T): Promise<T> => request } };

export function stepFunctionsConnection(config: RegistryConfig) {
  const { STEP_FUNCTIONS_HANDLER: requestHandler, STEP_FUNCTIONS_ENDPOINT: endpoint } = config;
  if (requestHandler === undefined) return connection(endpoint);
  return { ...connection('http://step-functions.local'), ...unsigned, requestHandler };
}
