/**
 * The tables for functions that are cut off when the system ends: from then on nothing of theirs is answered, as after a kill.
 * A call that the end itself has cut off is so no failure of its step, which goes on with the next start.
 */
import type { Documents } from '../../src/aws/documents.ts';

export interface DocumentsUntilEnd {
  readonly documents: Documents;
  end(): void;
}

export function documentsUntilEnd(documents: Documents): DocumentsUntilEnd {
  let ended = false;
  const unlessEnded = <T>(ask: () => Promise<T>): Promise<T> =>
    ended ? new Promise<never>(() => {}) : ask();
  return {
    documents: {
      get: (input) => unlessEnded(() => documents.get(input)),
      batchGet: (input) => unlessEnded(() => documents.batchGet(input)),
      query: (input) => unlessEnded(() => documents.query(input)),
      put: (input) => unlessEnded(() => documents.put(input)),
      update: (input) => unlessEnded(() => documents.update(input)),
      delete: (input) => unlessEnded(() => documents.delete(input)),
      close: () => documents.close(),
    },
    end() {
      ended = true;
    },
  };
}
