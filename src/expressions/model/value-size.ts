/** How large values are, as far as the question goes: looking ends where the answer is known. */

/** Characters that take about as long to go through as one item of an array. */
const charactersPerItem = 16;

/** Whether values hold at most that many items in all, a long text counting as several. */
export function holdAtMost(values: readonly unknown[], most: number): boolean {
  const pending = [...values];
  let left = most;
  while (pending.length > 0) {
    const value = pending.pop();
    left -= typeof value === 'string' ? 1 + value.length / charactersPerItem : 1;
    if (typeof value === 'object' && value !== null) {
      const parts: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
      if (parts.length > left) return false;
      for (const part of parts) pending.push(part);
    }
    if (left < 0) return false;
  }
  return true;
}
