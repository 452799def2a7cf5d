/**
 * Why an execution has ended as it has, in one line: what a list shows of it. It is a short form of `error` and
 * `reason`, small enough to stand in every index that lists read.
 */
import * as z from 'zod';
import type { Execution } from './execution.ts';

const mostCharacters = 200;

export const EndSummary = z.object({
  error: z
    .object({
      code: z.string(),
      message: z.string().describe('One line, at most 200 characters; the status has the whole one'),
      step: z.string().optional().describe('The step that failed, with its iteration path'),
    })
    .optional(),
  reason: z.string().optional(),
});
export type EndSummary = z.infer<typeof EndSummary>;

/** Undefined where there is nothing to say: it has succeeded, or was cancelled without a reason. */
export function summaryOfEnd({ error, reason }: Pick<Execution, 'error' | 'reason'>): EndSummary | undefined {
  if (error === undefined && reason === undefined) return undefined;
  return {
    ...(error && {
      error: {
        code: error.code,
        message: oneLine(error.message),
        ...(error.step !== undefined && { step: error.step }),
      },
    }),
    ...(reason !== undefined && { reason: oneLine(reason) }),
  };
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  const characters = [...line.slice(0, 2 * mostCharacters)];
  return characters.length <= mostCharacters ? line : `${characters.slice(0, mostCharacters - 1).join('')}…`;
}
