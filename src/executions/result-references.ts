/**
 * Reads results back that are kept by reference. A reference counts only in the execution that evaluates it:
 * whoever asks says which one that is, never the reference itself. Each result is read once, and how much is
 * held at the same time is bounded.
 */
import { OrchestratorError } from '../base/errors.ts';
import {
  type Replace,
  type ResultReference,
  referenceIn,
  referencesOf,
  replaceParts,
} from '../workflows/definition/result-reference.ts';
import type { ResultStore } from './store/result-store.ts';

/** What one step, or one output, may use of such results in all, in bytes of JSON. */
const largestUseBytes = 16 * 1024 * 1024;

export interface ResultReader {
  /**
   * The value with the content of each result in place of its reference; `instead` is asked first what takes
   * the place of a part. Contents are not looked into again. Throws `step.expression-failed`.
   */
  resolve(value: unknown, instead?: Replace): Promise<unknown>;
}

export function createResultReader(results: ResultStore, executionId: string): ResultReader {
  const known = new Map<string, unknown>();
  let bytes = 0;

  const read = async (reference: ResultReference): Promise<void> => {
    bytes += reference.bytes;
    if (bytes > largestUseBytes) throw tooMuch();
    const json = await results.get(executionId, reference);
    if (json === undefined) throw notKept(reference);
    known.set(keyOf(reference), JSON.parse(json));
  };

  return {
    async resolve(value, instead) {
      const references = [...referencesOf(value)];
      if (references.length === 0 && instead === undefined) return value;
      for (const reference of references) {
        if (!known.has(keyOf(reference))) await read(reference);
      }
      return replaceParts(value, (part, path) => {
        const reference = referenceIn(part);
        return instead?.(part, path) ?? (reference && { by: known.get(keyOf(reference)) });
      });
    },
  };
}

const keyOf = ({ step, id }: ResultReference): string => `${step}#${id}`;

const failed = (message: string): OrchestratorError =>
  new OrchestratorError('step.expression-failed', message);

const notKept = ({ step }: ResultReference): OrchestratorError =>
  failed(`the result of ${step} that is referred to is not kept by this execution`);

const tooMuch = (): OrchestratorError =>
  failed(
    `the results that are used together have more than ${largestUseBytes} bytes; keep the parts that are needed with select`,
  );
