import '../../src/runtime/interpret-schemas.ts';
import { CallingConfig, readConfig } from '../../src/runtime/config.ts';
import { createUndo } from '../../src/runtime/tasks.ts';

export const handler = createUndo(readConfig(CallingConfig, process.env));
