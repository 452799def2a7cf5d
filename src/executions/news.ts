/**
 * Tells those who wait in the same process that an execution has ended, or waits for a decision. Local mode, where all
 * functions are one process, gives every function the same one; functions on Lambda have none, and look again.
 */
export type ExecutionNews = ReturnType<typeof createExecutionNews>;

export function createExecutionNews() {
  const listeners = new Map<string, Set<() => void>>();
  return {
    /** There is something new in the records of this execution. */
    tell(id: string): void {
      for (const onNews of listeners.get(id) ?? []) onNews();
    },
    /** Gives what ends the listening. */
    listen(id: string, onNews: () => void): () => void {
      const ofExecution = listeners.get(id) ?? new Set();
      listeners.set(id, ofExecution.add(onNews));
      return () => {
        ofExecution.delete(onNews);
        if (ofExecution.size === 0 && listeners.get(id) === ofExecution) listeners.delete(id);
      };
    },
    /** The executions that somebody listens for. */
    awaited: (): string[] => [...listeners.keys()],
  };
}
