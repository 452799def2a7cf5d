import '../../src/runtime/interpret-schemas.ts';
import { RecordingConfig, readConfig } from '../../src/runtime/config.ts';
import { createRecordExecution } from '../../src/runtime/tasks.ts';

export const handler = createRecordExecution(readConfig(RecordingConfig, process.env));
