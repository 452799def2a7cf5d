/**
 * Where all functions are one process: tells those that deliver that an event has been kept, and those that know the
 * subscriptions that these have changed. Functions on Lambda have none; a stream of the table and time do it there.
 */
export type EventNews = ReturnType<typeof createEventNews>;

export function createEventNews() {
  let webhooksVersion = 0;
  let onKept = (): void => undefined;
  return {
    /** There is something to deliver. */
    tellKept: (): void => onKept(),
    onKept(listener: () => void): void {
      onKept = listener;
    },
    tellWebhooksChanged(): void {
      webhooksVersion += 1;
    },
    /** Another number after each change. */
    webhooksVersion: (): number => webhooksVersion,
  };
}
