/** Names that a step or an item cannot have, because an expression would then mean something else. */

/** JSONata 2.0.6, which Step Functions runs. `eval` is not there: Step Functions refuses it. */
const jsonataFunctions = [
  ...['sum', 'count', 'max', 'min', 'average', 'string', 'substring', 'substringBefore', 'substringAfter'],
  ...['lowercase', 'uppercase', 'length', 'trim', 'pad', 'match', 'contains', 'replace', 'split', 'join'],
  ...[
    'formatNumber',
    'formatBase',
    'formatInteger',
    'parseInteger',
    'number',
    'floor',
    'ceil',
    'round',
    'abs',
  ],
  ...[
    'sqrt',
    'power',
    'random',
    'boolean',
    'not',
    'map',
    'zip',
    'filter',
    'single',
    'reduce',
    'sift',
    'keys',
  ],
  ...['lookup', 'append', 'exists', 'spread', 'merge', 'reverse', 'each', 'error', 'assert', 'type', 'sort'],
  ...['shuffle', 'distinct', 'base64encode', 'base64decode', 'encodeUrlComponent', 'encodeUrl'],
  ...['decodeUrlComponent', 'decodeUrl', 'toMillis', 'fromMillis', 'clone', 'now', 'millis'],
];

/**
 * Functions that Step Functions adds to JSONata (`random` with a seed replaces JSONata's own). They do not
 * exist where run-step evaluates (`select`, `compensate`), and `random` and `uuid` would differ there on
 * every evaluation.
 */
export const stepFunctionsOnly: ReadonlySet<string> = new Set([
  'parse',
  'partition',
  'range',
  'hash',
  'random',
  'uuid',
]);

/** Functions that come to a number, a condition or a word, whatever they are given. */
export const measuringFunctions: ReadonlySet<string> = new Set([
  ...['count', 'exists', 'sum', 'max', 'min', 'average', 'length', 'contains', 'boolean', 'not', 'number'],
  ...['floor', 'ceil', 'round', 'abs', 'sqrt', 'power', 'type'],
]);

/** Every function that an expression evaluated by Step Functions may call. */
export const functionNames: ReadonlySet<string> = new Set([...jsonataFunctions, ...stepFunctionsOnly]);

/** Variables with a meaning of their own. */
const ownVariables: ReadonlySet<string> = new Set(['input', 'execution', 'states', 'result']);

/** The key that marks a result which is kept by reference: an object of values by id must not have it. */
const reservedKey = 'resultRef';

/** Names of members that every JavaScript object has; emulators and tools trip over them. */
const objectMembers: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

export const isReservedVariable = (name: string): boolean => ownVariables.has(name);

/** Why a step or an item cannot have this name; undefined when it can. */
export function whyReserved(name: string): string | undefined {
  if (ownVariables.has(name) || name === reservedKey) return `"${name}" is a reserved word`;
  if (functionNames.has(name) || name === 'eval') return `"${name}" is the name of a function`;
  if (objectMembers.has(name)) return `"${name}" is a reserved word of JavaScript`;
  return undefined;
}
