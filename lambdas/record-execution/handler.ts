import '../../src/runtime/interpret-schemas.ts';
import { SharedConfig } from '../../src/runtime/config.ts';
import { readConfig } from '../../src/runtime/read-config.ts';
import { createRecordExecution } from '../../src/runtime/record-execution.ts';

export const handler = createRecordExecution(readConfig(SharedConfig, process.env));
