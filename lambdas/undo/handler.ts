import '../../src/runtime/interpret-schemas.ts';
import { CallingConfig } from '../../src/runtime/config.ts';
import { readConfig } from '../../src/runtime/read-config.ts';
import { createUndo } from '../../src/runtime/undo.ts';

export const handler = createUndo(readConfig(CallingConfig, process.env));
