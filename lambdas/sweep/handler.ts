import '../../src/runtime/interpret-schemas.ts';
import { RecordingConfig, readConfig } from '../../src/runtime/config.ts';
import { createSweep } from '../../src/runtime/tasks.ts';

export const handler = createSweep(readConfig(RecordingConfig, process.env));
