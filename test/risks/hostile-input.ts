/**
 * Input that no client should send: values of the wrong kind, huge, deep or oddly named, put into valid
 * requests in place of what belongs there, and texts with pieces cut out, doubled or swapped.
 */
import { Agent, request } from 'node:http';
import fc from 'fast-check';
import * as z from 'zod';

/** Written into JSON texts as arrays nested that deep: more than a call stack holds. */
const veryDeep = { name: '(very deep)', levels: 60_000 };
const deep = { name: '(deep)', levels: 900 };

const oddNames = [
  '__proto__',
  'constructor',
  'toString',
  '',
  'a b',
  '\ud800',
  '$',
  '{% 1 %}',
  'then',
  'length',
  'size',
  'valueOf',
];

const oddText = fc.oneof(
  fc.constantFrom(...oddNames, '\0', '../../etc/passwd', '%00', '%', '\u202e', '2026-02-30T00:00:00Z'),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('{% $x %}', '{% ( %}', '{% %}', '{%', "{% $error('x') %}", '{% [1..9] %}'),
);

/** Large values are rare: they say little more each time, and take long. */
const oddScalar: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(null, true, false, 0, -0, -1, 0.5, 1e21, 1e308, [], {}) },
  { weight: 20, arbitrary: oddText },
  { weight: 10, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  { weight: 2, arbitrary: fc.constantFrom(veryDeep.name, deep.name) },
  { weight: 1, arbitrary: fc.constantFrom(20_000, 300_000).map((length) => 'x'.repeat(length)) },
);

export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: oddScalar },
  { weight: 1, arbitrary: fc.array(oddScalar, { maxLength: 4 }) },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.tuple(fc.oneof(fc.constantFrom(...oddNames), oddText), oddScalar), { maxLength: 4 })
      .map((entries) => Object.fromEntries(entries)),
  },
);

const nested = ({ name, levels }: typeof deep): [string, string] => [
  JSON.stringify(name),
  '['.repeat(levels) + ']'.repeat(levels),
];

/** JSON text, with what cannot be built as a value written in. */
export function hostileText(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return [veryDeep, deep]
    .map(nested)
    .reduce((sofar, [token, written]) => sofar.replaceAll(token, written), text);
}

/** An object that looks like a text, a list or an instance of a class, and cannot be compared as one. */
export const oddlyNamed: fc.Arbitrary<unknown> = fc.letrec<{ object: unknown; value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(null, 0, 1e21, 'x', []),
    tie('object'),
    fc.array(tie('object'), { minLength: 1, maxLength: 2 }),
  ),
  object: fc
    .uniqueArray(
      fc.tuple(
        fc.constantFrom('length', 'length', 'size', 'toString', 'valueOf', 'constructor', '__proto__'),
        tie('value'),
      ),
      { minLength: 1, maxLength: 4, selector: ([name]) => name },
    )
    .map((entries) => Object.fromEntries(entries)),
})).object;

type Edit = {
  readonly at: number;
  readonly kind: 'replace' | 'remove' | 'rename' | 'add' | 'repeat';
  readonly name: string;
  readonly value: unknown;
};

const editWith = (value: fc.Arbitrary<unknown>): fc.Arbitrary<Edit> =>
  fc.record({
    at: fc.nat(),
    kind: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'rename', 'add', 'repeat'),
    name: fc.oneof(fc.constantFrom(...oddNames), oddText),
    value,
  });

const sizeOf = (value: unknown): number =>
  typeof value !== 'object' || value === null
    ? 1
    : Object.values(value).reduce((sum: number, part) => sum + sizeOf(part), 1);

/** The same with the edit made at the place with that number, counted from outside in. */
function edited(value: unknown, { at, ...how }: Edit): unknown {
  if (at === 0) return how.kind === 'replace' ? how.value : inside(value, how);
  let left = at - 1;
  const step = (part: unknown): unknown => {
    const size = sizeOf(part);
    const here = left >= 0 && left < size;
    const result = here ? edited(part, { at: left, ...how }) : part;
    left -= size;
    return result;
  };
  if (Array.isArray(value)) return value.map(step);
  if (typeof value !== 'object' || value === null) return how.value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, step(part)]));
}

function inside(value: unknown, { kind, name, value: odd }: Omit<Edit, 'at'>): unknown {
  if (typeof value === 'string') return kind === 'repeat' ? value + value : value + name;
  if (Array.isArray(value)) return kind === 'add' ? [...value, odd] : [...value, ...value];
  if (typeof value !== 'object' || value === null) return odd;
  const [first, ...rest] = Object.entries(value);
  if (kind === 'add' || kind === 'repeat' || first === undefined)
    return Object.fromEntries([...Object.entries(value), [name, odd]]);
  return Object.fromEntries(kind === 'remove' ? rest : [[name, first[1]], ...rest]);
}

/** A valid value with one to three things wrong in it. */
export const hostileVariant = (valid: unknown, odd = oddValue): fc.Arbitrary<unknown> =>
  fc
    .array(editWith(odd), { minLength: 1, maxLength: 3 })
    .map((edits) =>
      edits.reduce<unknown>(
        (value, { at, ...how }) => edited(value, { at: at % sizeOf(value), ...how }),
        valid,
      ),
    );

/** A text with pieces cut out, doubled, or put in from elsewhere. */
export const mangled = (text: fc.Arbitrary<string>, pieces: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      text,
      fc.array(fc.tuple(fc.nat(), fc.nat({ max: 8 }), fc.oneof(fc.constantFrom(...pieces), oddText)), {
        maxLength: 4,
      }),
    )
    .map(([start, cuts]) =>
      cuts.reduce((sofar, [at, length, piece]) => {
        const from = at % (sofar.length + 1);
        return sofar.slice(0, from) + piece + sofar.slice(from + length);
      }, start),
    );

const agent = new Agent({ keepAlive: true, maxSockets: 16 });

export interface HostileAnswer {
  readonly status: number;
  readonly body: unknown;
}

const answerBoundMs = 15_000;

/** Sends the bytes as they are; rejects when there is no answer in time, or one that is not JSON. */
export function sendRaw(
  url: string,
  { method = 'POST', headers = {}, body = '' }: { method?: string; headers?: object; body?: string | Buffer },
): Promise<HostileAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method,
        agent,
        headers: { ...headers, ...(body.length > 0 && { 'content-length': Buffer.byteLength(body) }) },
        timeout: answerBoundMs,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const status = z.number().parse(response.statusCode);
          resolve({ status, body: text === '' ? undefined : JSON.parse(text) });
        });
      },
    );
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${answerBoundMs / 1000} s`)));
    sent.on('error', reject);
    sent.end(body);
  });
}
