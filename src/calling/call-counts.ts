/** How many calls there are, by the url that they go to. Several guards of one process may count together. */
export type CallCounts = ReturnType<typeof createCallCounts>;

export function createCallCounts() {
  const counts = new Map<string, number>();
  return {
    of: (url: string): number => counts.get(url) ?? 0,
    add(url: string, change: 1 | -1): void {
      const now = (counts.get(url) ?? 0) + change;
      if (now === 0) counts.delete(url);
      else counts.set(url, now);
    },
  };
}
