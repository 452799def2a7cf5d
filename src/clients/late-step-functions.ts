/** Step Functions whose client is loaded with the first call: most steps, and most requests, make none. */
import type { SFNClientConfig } from '@aws-sdk/client-sfn';
import type { StepFunctions } from './step-functions.ts';

async function load(config: SFNClientConfig): Promise<StepFunctions> {
  const { createStepFunctions } = await import('./step-functions.ts');
  return createStepFunctions(config);
}

export function createLateStepFunctions(config: SFNClientConfig): StepFunctions {
  let loading: Promise<StepFunctions> | undefined;
  const client = (): Promise<StepFunctions> => {
    loading ??= load(config);
    return loading;
  };
  return {
    start: async (...call) => (await client()).start(...call),
    describe: async (...call) => (await client()).describe(...call),
    stop: async (...call) => (await client()).stop(...call),
    succeedTask: async (...call) => (await client()).succeedTask(...call),
    failTask: async (...call) => (await client()).failTask(...call),
    redrive: async (...call) => (await client()).redrive(...call),
    createMachine: async (...call) => (await client()).createMachine(...call),
    describeMachine: async (...call) => (await client()).describeMachine(...call),
    updateMachine: async (...call) => (await client()).updateMachine(...call),
    deleteMachine: async (...call) => (await client()).deleteMachine(...call),
    hasRunning: async (...call) => (await client()).hasRunning(...call),
    async *machines(prefix) {
      yield* (await client()).machines(prefix);
    },
    async *history(executionArn) {
      yield* (await client()).history(executionArn);
    },
    close() {
      void loading?.then((loaded) => loaded.close());
    },
  };
}
