/**
 * The functions which Step Functions adds to JSONata, with the behaviour that AWS was seen to have:
 * an undefined argument gives undefined, and `$range` with one number gives that number (a JSONata sequence).
 */
import { createHash, randomUUID } from 'node:crypto';
import { hiddenIn, revealReserved } from './model/reserved-data.ts';

const algorithms: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

const longestRange = 1_000_000;

/** An array that JSONata takes for its own: one element stands for itself, none for nothing. */
const sequenceOf = (items: unknown[]): unknown[] => Object.assign(items, { sequence: true });

function integer(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  throw new Error(`${name} must be an integer`);
}

function parse(text: unknown): unknown {
  if (text === undefined) return undefined;
  if (typeof text !== 'string') throw new Error('$parse takes a string');
  return hiddenIn(JSON.parse(text));
}

function hash(content: unknown, algorithm: unknown = 'SHA-256'): string | undefined {
  if (content === undefined) return undefined;
  const name = typeof algorithm === 'string' ? algorithms[algorithm] : undefined;
  if (typeof content !== 'string' || name === undefined) {
    throw new Error(`$hash takes a string and one of ${Object.keys(algorithms).join(', ')}`);
  }
  return createHash(name).update(revealReserved(content)).digest('hex');
}

/** A number in [0, 1); the same for the same integer seed. */
function random(seed?: unknown): number {
  if (seed === undefined) return Math.random();
  const digest = createHash('sha256')
    .update(String(integer(seed, 'The seed')))
    .digest();
  return digest.readUInt32BE(0) / 2 ** 32;
}

function range(first: unknown, last: unknown, delta: unknown = 1): unknown[] | undefined {
  if (first === undefined || last === undefined) return undefined;
  const start = integer(first, 'The first value');
  const end = integer(last, 'The last value');
  const step = integer(delta, 'The step');
  const length = step === 0 ? -1 : Math.max(0, Math.floor((end - start) / step) + 1);
  if (length < 0 || length > longestRange) throw new Error(`$range gives at most ${longestRange} values`);
  return sequenceOf(Array.from({ length }, (_, index) => start + index * step));
}

function partition(items: unknown, size: unknown): unknown[][] | undefined {
  if (items === undefined) return undefined;
  const all: unknown[] = Array.isArray(items) ? items : [items];
  const length = integer(size, 'The size of a part');
  if (length < 1) throw new Error('The size of a part must be positive');
  const parts = Math.ceil(all.length / length);
  return Array.from({ length: parts }, (_, index) => all.slice(index * length, (index + 1) * length));
}

/** Name to implementation. */
export const nativeFunctions: Readonly<Record<string, unknown>> = {
  parse,
  hash,
  random,
  range,
  partition,
  uuid: () => randomUUID(),
};
