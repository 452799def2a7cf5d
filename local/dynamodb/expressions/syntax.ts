/** What expressions are parsed to: names and values are as they were written, and nothing is checked yet but syntax. */

/** `word` may be reserved, `#name` stands for a name, a number is an index of a list. */
export type PathPart = string | number;
export type WrittenPath = readonly PathPart[];

export type WrittenOperand =
  | { readonly type: 'path'; readonly path: WrittenPath }
  | { readonly type: 'value'; readonly name: string }
  | { readonly type: 'call'; readonly name: string; readonly operands: readonly WrittenOperand[] };

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type WrittenCondition =
  | { readonly type: 'and' | 'or'; readonly conditions: readonly [WrittenCondition, WrittenCondition] }
  | { readonly type: 'not'; readonly condition: WrittenCondition }
  | {
      readonly type: 'compare';
      readonly comparator: Comparator;
      readonly operands: readonly [WrittenOperand, WrittenOperand];
    }
  | {
      readonly type: 'between';
      readonly operands: readonly [WrittenOperand, WrittenOperand, WrittenOperand];
    }
  | { readonly type: 'in'; readonly operands: readonly WrittenOperand[] }
  | { readonly type: 'function'; readonly name: string; readonly operands: readonly WrittenOperand[] };

export type WrittenTerm =
  | WrittenOperand
  | { readonly type: '+' | '-'; readonly terms: readonly [WrittenTerm, WrittenTerm] };

export interface WrittenUpdate {
  readonly set: readonly { readonly path: WrittenPath; readonly term: WrittenTerm }[];
  readonly remove: readonly WrittenPath[];
  readonly add: readonly { readonly path: WrittenPath; readonly value: string }[];
  readonly delete: readonly { readonly path: WrittenPath; readonly value: string }[];
}
