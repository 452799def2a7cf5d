import '../../src/runtime/interpret-schemas.ts';
import { createCheckHealth } from '../../src/runtime/check-health.ts';
import { HealthConfig } from '../../src/runtime/config.ts';
import { readConfig } from '../../src/runtime/read-config.ts';

export const handler = createCheckHealth(readConfig(HealthConfig, process.env));
