/**
 * What a step makes of the answer of its service: the part that later steps see (`select`), inline or by
 * reference, and the call that would take it back (`compensate`). The undo does not depend on whether the
 * result can be kept: an answer of which nothing can be kept has had its effect all the same.
 */
import * as z from 'zod';
import { type ErrorCode, OrchestratorError, toOrchestratorError } from '../base/errors.ts';
import type { EvaluateApart } from '../expressions/model/bounded-expression.ts';
import { evaluateAt, evaluateTemplate } from '../expressions/model/evaluate.ts';
import type { KeepResult, KeptResult } from './keep-result.ts';
import type { Undo } from './model/execution.ts';
import type { ResolvedTask } from './resolve-task.ts';

/** What is left of an attempt: the result or where it is kept, or an error; and the undo, if any. */
export interface StepOutcome extends KeptResult {
  readonly undo?: Undo | undefined;
  readonly error?: OrchestratorError;
}

/** The undo is part of the step's record, an item of at most 400 KB, beside a result of at most 32 KB. */
const maxUndoBytes = 200_000;

const UndoCall = z.object({
  service: z.string(),
  tool: z.string(),
  arguments: z.record(z.string(), z.unknown()),
});
const UndoTemplate = UndoCall.extend({ arguments: z.record(z.string(), z.unknown()).default({}) });

/** How results are kept, and where expressions are evaluated that may run away. */
export interface Means {
  /** Puts a result away, or gives it back when it may be inline. */
  readonly keep: KeepResult;
  readonly apart: EvaluateApart;
}

export async function outcomeOf(task: ResolvedTask, answer: unknown, means: Means): Promise<StepOutcome> {
  const { keep, apart } = means;
  const selected = await selectFrom(task, answer, apart);
  const undo = await undoOf(task, selected.output ?? answer, apart);
  if (undo?.status === 'FAILED') return { error: expressionFailed(undo.error?.message ?? ''), undo };
  return { ...(selected.error ? selected : await kept(selected.output, keep)), undo };
}

async function selectFrom(
  { select }: ResolvedTask,
  answer: unknown,
  apart: EvaluateApart,
): Promise<StepOutcome> {
  try {
    const evaluation = { bindings: { result: answer }, apart };
    const selecting = { path: 'select', optional: true };
    const output =
      select === undefined ? answer : await evaluateAt({ ...selecting, source: select }, evaluation);
    return { output: output ?? null };
  } catch (error) {
    return { error: expressionFailed(messageOf(error)) };
  }
}

async function kept(output: unknown, keep: KeepResult): Promise<StepOutcome> {
  try {
    return await keep(output);
  } catch (error) {
    return { error: toOrchestratorError(error) };
  }
}

async function undoOf(task: ResolvedTask, result: unknown, apart: EvaluateApart): Promise<Undo | undefined> {
  if (!task.compensate) return undefined;
  const template = UndoTemplate.parse(JSON.parse(task.compensate.call));
  try {
    const bindings = { ...task.compensate.values, [task.step]: result };
    const call = UndoCall.parse({
      ...template,
      arguments: await evaluateTemplate(template.arguments, { bindings, apart }, 'compensate.arguments'),
    });
    const bytes = sizeOf(call);
    if (bytes > maxUndoBytes) throw tooLarge(bytes);
    return { status: 'PENDING', call, attempts: 0 };
  } catch (error) {
    const failure = { code: 'step.expression-failed' satisfies ErrorCode, message: messageOf(error) };
    return { status: 'FAILED', call: { ...template, arguments: {} }, attempts: 0, error: failure };
  }
}

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const tooLarge = (bytes: number): Error =>
  new Error(
    `compensate: the undo has ${bytes} bytes and may have ${maxUndoBytes}; give it only the parts that it needs`,
  );

const expressionFailed = (message: string): OrchestratorError =>
  new OrchestratorError('step.expression-failed', message);
