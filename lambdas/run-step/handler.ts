import '../../src/runtime/interpret-schemas.ts';
import { CallingConfig, readConfig } from '../../src/runtime/config.ts';
import { createRunStep } from '../../src/runtime/tasks.ts';

export const handler = createRunStep(readConfig(CallingConfig, process.env));
