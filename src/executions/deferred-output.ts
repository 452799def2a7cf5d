/**
 * Completes the output of an execution that Step Functions has ended: expressions of it that look inside
 * results kept by reference are evaluated here. What is only passed on stays a reference in the output.
 * Few outputs need this, so what evaluates them is loaded with the first.
 */
import { OrchestratorError } from '../base/errors.ts';
import type { Ended, OutputContext } from './evaluate-output.ts';
import type { End } from './model/execution-end.ts';

/** The same end with its output complete; FAILED with `step.expression-failed` when that cannot be. */
export async function completeOutput(context: OutputContext, execution: Ended, end: End): Promise<End> {
  if (end.status !== 'SUCCEEDED' || !JSON.stringify(end.output ?? null).includes('"resultRef":')) return end;
  const { evaluateOutput } = await import('./evaluate-output.ts');
  try {
    return { ...end, output: await evaluateOutput(context, execution, end.output) };
  } catch (error) {
    if (!(error instanceof OrchestratorError)) throw error;
    return { status: 'FAILED', error: { code: error.code, message: withPlace(error.message) } };
  }
}

const withPlace = (message: string): string =>
  message.startsWith('output') ? message : `output: ${message}`;
