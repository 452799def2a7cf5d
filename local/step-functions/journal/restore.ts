import type { ExecutionRegistry } from '../execution-registry.ts';
import type { MachineRegistry } from '../machine-registry.ts';
import type { JournalRecord } from './record.ts';
export function restoreFrom(_records: JournalRecord[], _into: { machines: MachineRegistry; executions: ExecutionRegistry }): void {}
