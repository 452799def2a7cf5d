/** What every context takes from the world: time, ids, hashing, and where AWS answers. */
import { createHash, randomUUID } from 'node:crypto';
import { createDocumentClient } from '../aws/table.ts';
import type { Clock } from '../base/clock.ts';
import type { RegistryConfig } from './config.ts';

export const systemClock: Clock = { now: () => Date.now() };

/** Where a service of AWS answers: by its handler in this process, at its endpoint, or where AWS has it. */
interface Backend<Handler> {
  readonly handler: Handler | undefined;
  readonly endpoint: string | undefined;
}

/** In its own process nobody asks who signed. */
const unsigned = { signer: { sign: async <T>(request: T): Promise<T> => request } };

/** An endpoint that is named has no region of its own, and takes any credentials unless it has its own. */
function connection<Handler>({ handler, endpoint }: Backend<Handler>, config: RegistryConfig) {
  if (handler === undefined && endpoint === undefined) return {};
  const {
    ENDPOINT_ACCESS_KEY_ID: accessKeyId = 'local',
    ENDPOINT_SECRET_ACCESS_KEY: secretAccessKey = 'local',
  } = config;
  return {
    endpoint: endpoint ?? 'http://in-process.local',
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey },
    ...(handler !== undefined && { ...unsigned, requestHandler: handler }),
  };
}

export const documentsOf = (config: RegistryConfig) =>
  createDocumentClient(
    connection({ handler: config.DYNAMODB_HANDLER, endpoint: config.DYNAMODB_ENDPOINT }, config),
  );

export const stepFunctionsConnection = (config: RegistryConfig) =>
  connection({ handler: config.STEP_FUNCTIONS_HANDLER, endpoint: config.STEP_FUNCTIONS_ENDPOINT }, config);

export const newId = (): string => randomUUID().replaceAll('-', '');

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
