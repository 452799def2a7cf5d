import '../../src/runtime/interpret-schemas.ts';
import { createApiHandler } from '../../src/runtime/api.ts';
import { ApiConfig, readConfig } from '../../src/runtime/config.ts';

export const handler = createApiHandler(readConfig(ApiConfig, process.env));
