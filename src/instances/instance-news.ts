/**
 * Tells whoever chooses instances in the same process that those of a service have changed. Local mode, where all functions
 * are one process, gives every function the same one; functions on Lambda have none, and read again after some seconds.
 */
export type InstanceNews = ReturnType<typeof createInstanceNews>;

export function createInstanceNews() {
  const listeners = new Set<(service: string) => void>();
  return {
    tell(service: string): void {
      for (const onNews of listeners) onNews(service);
    },
    /** Gives what ends the listening. */
    listen(onNews: (service: string) => void): () => void {
      listeners.add(onNews);
      return () => void listeners.delete(onNews);
    },
  };
}
