import '../../src/runtime/interpret-schemas.ts';
import { RecordingConfig } from '../../src/runtime/config.ts';
import { readConfig } from '../../src/runtime/read-config.ts';
import { createSweep } from '../../src/runtime/sweep.ts';

export const handler = createSweep(readConfig(RecordingConfig, process.env));
