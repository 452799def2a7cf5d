import '../../src/runtime/interpret-schemas.ts';
import { createApiHandler } from '../../src/runtime/api.ts';
import { ApiConfig } from '../../src/runtime/api-config.ts';
import { readConfig } from '../../src/runtime/read-config.ts';

export const handler = createApiHandler(readConfig(ApiConfig, process.env));
