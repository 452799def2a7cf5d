/** The local Step Functions for a test, on 127.0.0.1 and a free port. */
import {
  type RunningStepFunctions,
  type StepFunctionsOptions,
  startStepFunctions,
} from '../../local/step-functions/start.ts';

export type TestStepFunctions = Omit<RunningStepFunctions, 'url'> & { readonly url: string };

export async function startTestStepFunctions(options: StepFunctionsOptions): Promise<TestStepFunctions> {
  const engine = await startStepFunctions({ port: 0, ...options });
  const { url } = engine;
  if (url === undefined) throw new Error('Step Functions does not listen');
  return { ...engine, url };
}
