/**
 * Decides how a result is kept: inline, where the state machine and the record of the step hold it, or by
 * reference, where both hold only where it is. What is larger than 4 MB, or may not even leave a reference
 * behind, is not kept.
 */
import { OrchestratorError } from '../base/errors.ts';
import { largestResultBytes } from '../transport/model/call.ts';
import {
  hasReservedKey,
  largestInlineBytes,
  type ResultReference,
} from '../workflows/definition/result-reference.ts';
import { occurrenceOf, type StepTask } from './model/step-task.ts';
import type { ResultStore } from './store/result-store.ts';

export interface Keeping {
  readonly results: ResultStore;
  readonly hash: (text: string) => string;
}

/** A result, or where it is. */
export interface KeptResult {
  readonly output?: unknown;
  readonly resultRef?: ResultReference;
}

/** Throws `step.result-too-large`. */
export type KeepResult = (output: unknown) => Promise<KeptResult>;

type KeepingTask = Pick<StepTask, 'executionId' | 'step' | 'path' | 'inlineBytes'>;

export const keepResult =
  ({ results, hash }: Keeping, task: KeepingTask, expiresAtEpochSeconds: number): KeepResult =>
  async (output) => {
    const json = JSON.stringify(output);
    const bytes = Buffer.byteLength(json);
    const inlineBytes = inlineBytesOf(task);
    if (bytes <= inlineBytes && !hasReservedKey(json)) return { output };
    if (bytes > largestResultBytes) throw tooLarge(bytes, `may have ${largestResultBytes}`);
    const id = hash(json).slice(0, 16);
    const { executionId } = task;
    const step = occurrenceOf(task);
    if (longestReference(step) > inlineBytes) throw tooLarge(bytes, shareText(task, inlineBytes));
    return { resultRef: await results.put({ executionId, step, id, json, expiresAtEpochSeconds }) };
  };

/** A share is of the value with its name, as in `{"classify":…},`. */
const inlineBytesOf = ({ step, inlineBytes }: KeepingTask): number =>
  inlineBytes === undefined
    ? largestInlineBytes
    : Math.min(largestInlineBytes, Math.floor(inlineBytes) - step.length - 6);

/** What stands in the state machine, as JSON. */
const longestReference = (step: string): number => {
  const resultRef: ResultReference = { step, id: '0'.repeat(16), chunks: 16, bytes: largestResultBytes };
  return JSON.stringify({ resultRef }).length;
};

const shareText = ({ path }: KeepingTask, inlineBytes: number): string =>
  path === ''
    ? `may have ${inlineBytes} where so many results are used together`
    : `may have ${inlineBytes} among so many items of its forEach`;

const tooLarge = (bytes: number, limit: string): OrchestratorError =>
  new OrchestratorError(
    'step.result-too-large',
    `The result has ${bytes} bytes and ${limit}; keep the part that is needed with select`,
  );
