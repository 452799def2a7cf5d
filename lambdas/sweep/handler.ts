import '../../src/runtime/interpret-schemas.ts';
import { SharedConfig } from '../../src/runtime/config.ts';
import { readConfig } from '../../src/runtime/read-config.ts';
import { createSweep } from '../../src/runtime/sweep.ts';

export const handler = createSweep(readConfig(SharedConfig, process.env));
