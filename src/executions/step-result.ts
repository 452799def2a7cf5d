/**
 * What a step makes of the answer of its service: the part that later steps see (`select`), and the call that
 * would take it back (`compensate`). The undo is worked out first: an answer of which nothing can be kept has
 * had its effect all the same.
 */

import * as z from 'zod';
import { type ErrorCode, OrchestratorError } from '../domain/errors.ts';
import type { Undo } from '../domain/executions.ts';
import type { EvaluateApart } from '../domain/workflows/bounded-expression.ts';
import { evaluateExpression, evaluateTemplate } from '../domain/workflows/expressions.ts';
import type { StepTask } from '../domain/workflows/step-task.ts';

export interface StepOutcome {
  readonly output?: unknown;
  readonly undo?: Undo | undefined;
  readonly error?: OrchestratorError;
}

/** What a step may give to later ones, after `select`: a state of Step Functions has at most 256 KiB. */
const maxOutputBytes = 200_000;

const UndoCall = z.object({
  service: z.string(),
  tool: z.string(),
  arguments: z.record(z.string(), z.unknown()),
});
const UndoTemplate = UndoCall.extend({ arguments: z.record(z.string(), z.unknown()).default({}) });

export async function outcomeOf(task: StepTask, answer: unknown, apart: EvaluateApart): Promise<StepOutcome> {
  const selected = await selectFrom(task, answer, apart);
  const undo = await undoOf(task, selected.output ?? answer, apart);
  if (undo?.status === 'FAILED')
    return { error: expressionFailed('compensate', undo.error?.message ?? ''), undo };
  return { ...selected, undo };
}

async function selectFrom(task: StepTask, answer: unknown, apart: EvaluateApart): Promise<StepOutcome> {
  try {
    const output =
      task.select === undefined ? answer : await evaluateExpression(task.select, { result: answer }, apart);
    return sizeOf(output) > maxOutputBytes ? { error: tooLarge(output) } : { output: output ?? null };
  } catch (error) {
    return { error: expressionFailed('select', messageOf(error)) };
  }
}

async function undoOf(task: StepTask, result: unknown, apart: EvaluateApart): Promise<Undo | undefined> {
  if (!task.compensate) return undefined;
  const template = UndoTemplate.parse(JSON.parse(task.compensate.call));
  try {
    const bindings = { ...task.compensate.values, [task.step]: result };
    const call = UndoCall.parse({
      ...template,
      arguments: await evaluateTemplate(template.arguments, bindings, apart),
    });
    return { status: 'PENDING', call, attempts: 0 };
  } catch (error) {
    const failure = { code: 'step.expression-failed' satisfies ErrorCode, message: messageOf(error) };
    return { status: 'FAILED', call: { ...template, arguments: {} }, attempts: 0, error: failure };
  }
}

const sizeOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value) ?? '').length;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const tooLarge = (output: unknown): OrchestratorError =>
  new OrchestratorError(
    'step.result-too-large',
    `The result has ${sizeOf(output)} bytes and may have ${maxOutputBytes}; keep the part that is needed with select`,
  );

const expressionFailed = (field: string, message: string): OrchestratorError =>
  new OrchestratorError('step.expression-failed', `${field} could not be evaluated: ${message}`);
