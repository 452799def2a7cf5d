/** Where the results of steps are read, as status and output say it. */
import { referenceIn, replaceParts } from '../../workflows/definition/result-reference.ts';

/** The path of get_step_result; a step of a forEach has slashes in its own path. */
export const resultLinkOf = (executionId: string, step: string): string =>
  `/v1/executions/${executionId}/results/${encodeURIComponent(step)}`;

/** An output with a link in every reference that it holds. */
export const withResultLinks = (executionId: string, output: unknown): unknown =>
  replaceParts(output, (part) => {
    const reference = referenceIn(part);
    if (!reference) return undefined;
    return { by: { resultRef: { ...reference, link: resultLinkOf(executionId, reference.step) } } };
  });
