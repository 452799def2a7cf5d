import '../../src/runtime/interpret-schemas.ts';
import { RefreshConfig } from '../../src/runtime/config.ts';
import { readConfig } from '../../src/runtime/read-config.ts';
import { createRefreshServices } from '../../src/runtime/refresh-services.ts';

export const handler = createRefreshServices(readConfig(RefreshConfig, process.env));
