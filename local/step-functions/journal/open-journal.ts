/** placeholder */
import { type Journal, memoryJournal } from './journal.ts';
import type { JournalRecord } from './record.ts';
export async function openJournal(_file: string): Promise<{ journal: Journal; records: JournalRecord[] }> {
  return { journal: memoryJournal, records: [] };
}
