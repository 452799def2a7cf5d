import '../../src/runtime/interpret-schemas.ts';
import { LifecycleConfig } from '../../src/runtime/config.ts';
import { createLifecycle } from '../../src/runtime/lifecycle.ts';
import { readConfig } from '../../src/runtime/read-config.ts';

export const handler = createLifecycle(readConfig(LifecycleConfig, process.env));
