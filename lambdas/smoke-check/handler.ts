import '../../src/runtime/interpret-schemas.ts';
import { SmokeCheckConfig } from '../../src/runtime/authorizer-config.ts';
import { readConfig } from '../../src/runtime/read-config.ts';
import { createSmokeCheck } from '../../src/runtime/smoke-check-function.ts';

export const handler = createSmokeCheck(readConfig(SmokeCheckConfig, process.env));
