/**
 * Tells those who call and check instances in the same process that those of a service have changed, that one is about to
 * end, or that one does not take connections, or passes its check.
 * Local mode, where all functions are one process, gives every function the same one; functions on Lambda have none, and
 * read again after some seconds.
 */
export type InstanceNews = ReturnType<typeof createInstanceNews>;

/** One kind of news. */
function createNews() {
  const listeners = new Set<(about: string) => void>();
  return {
    tell(about: string): void {
      for (const onNews of [...listeners]) onNews(about);
    },
    /** Gives what ends the listening. */
    listen(onNews: (about: string) => void): () => void {
      listeners.add(onNews);
      return () => void listeners.delete(onNews);
    },
  };
}

export const createInstanceNews = () => ({
  /** By the name of a service: its instances are others, or in other states. */
  changed: createNews(),
  /** By the url of an instance: no connection to it should be kept. */
  ending: createNews(),
  /** By the url of an instance: calls could not connect to it. */
  failing: createNews(),
  /** By the url of an instance: its health check passed. */
  passing: createNews(),
});
