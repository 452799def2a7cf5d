/** Step Functions, whose client is loaded with the first call: most steps, and most requests, make none. */
import { late } from '../../base/late.ts';
import { stepFunctionsConnection } from '../aws-connections.ts';
import type { RegistryConfig } from '../config.ts';

export const lateStepFunctions = (config: RegistryConfig) =>
  late(async () =>
    (await import('../../aws/step-functions.ts')).createStepFunctions(stepFunctionsConnection(config)),
  );
