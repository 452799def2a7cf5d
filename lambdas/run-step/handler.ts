import '../../src/runtime/interpret-schemas.ts';
import { CallingConfig } from '../../src/runtime/config.ts';
import { readConfig } from '../../src/runtime/read-config.ts';
import { createRunStep } from '../../src/runtime/run-step.ts';

export const handler = createRunStep(readConfig(CallingConfig, process.env));
