import { invalid } from '../api-error.ts';
import type { Condition, Operand } from '../expressions/condition.ts';
import type { ReadSource } from './read-source.ts';

/** What the key condition decides, a filter must not decide again. */
export function checkFilterNames(filter: Condition | undefined, { keys }: ReadSource): void {
  if (filter === undefined) return;
  const names = new Set([keys.hash.name, keys.range?.name]);
  const found = namesOf(filter).find((name) => names.has(name));
  if (found !== undefined)
    throw invalid(
      `Filter Expression can only contain non-primary key attributes: Primary key attribute: ${found}`,
    );
}

function namesOf(condition: Condition): string[] {
  switch (condition.type) {
    case 'and':
    case 'or':
      return condition.conditions.flatMap(namesOf);
    case 'not':
      return namesOf(condition.condition);
    case 'compare':
      return namesIn([condition.left, condition.right]);
    case 'between':
      return namesIn([condition.operand, condition.lower, condition.upper]);
    case 'in':
      return namesIn([condition.operand, ...condition.candidates]);
    case 'function':
      return namesIn(condition.operands);
  }
}

const namesIn = (operands: readonly Operand[]): string[] => operands.flatMap(nameIn);

function nameIn(operand: Operand): string[] {
  if (operand.type === 'value') return [];
  return operand.type === 'size' ? nameIn(operand.of) : [String(operand.path[0])];
}
