/** What a `forEach` or a `parallel` that succeeded came to, as the status shows it: put together, never recorded. */

import type { Step } from '../../workflows/definition/definition.ts';
import { withResultLinks } from './result-link.ts';
import type { StepOutputs } from './step-outputs.ts';

/** Its parts are shown with the steps inside of it, so that a large one would only be shown twice. */
const largestShown = 32_768;

export function shownAggregate(
  outputs: StepOutputs,
  step: Step,
  { executionId, prefix }: { executionId: string; prefix: string },
): { output?: unknown; outputBytes?: number } {
  if (!('forEach' in step || 'parallel' in step)) return {};
  const known = outputs.of(step, prefix);
  if (!known) return {};
  const outputBytes = JSON.stringify(known.value).length;
  return outputBytes > largestShown ? { outputBytes } : { output: withResultLinks(executionId, known.value) };
}
