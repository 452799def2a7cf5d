/**
 * The value of a YAML document as JSON has values, with the line of each. Aliases stand for what they name, `<<` puts
 * maps into maps; what JSON does not have is a fault. It takes a time that grows with the document, and with what its
 * aliases come to, which is bounded.
 */
import { isAlias, isMap, isScalar, isSeq, type Pair, type Scalar, type YAMLMap } from 'yaml';
import { type Fault, mostFaults } from '../base/errors.ts';
import { pathText } from '../base/faults.ts';
import { refusedNumber } from '../base/json-numbers.ts';

/** Values that a document may come to, each alias counted with all that it stands for. */
const mostValues = 100_000;
/** Characters of all its texts, counted in the same way. */
const mostCharacters = 6_000_000;

export interface Position {
  readonly line: number;
  readonly column: number;
}
export type PositionOf = (offset: number) => Position;

export interface YamlValue {
  readonly value: unknown;
  readonly faults: readonly Fault[];
  /** By the texts of paths. What an alias stands for has none of its own. */
  readonly lines: ReadonlyMap<string, number>;
}

export function yamlValueOf(contents: unknown, positionOf: PositionOf): YamlValue {
  const reading = new Reading(positionOf);
  const value = reading.read(contents, top);
  return { value, faults: reading.faults, lines: reading.lines };
}

/** Where a value stands, from its end: a path of its own for each would cost more than the values. */
interface Place {
  readonly up: Place | undefined;
  readonly step: string | number | undefined;
  /** The text of the path, as long as it is short. */
  readonly text: string | undefined;
}

const top: Place = { up: undefined, step: undefined, text: '' };

/** Characters of paths whose lines are kept. */
const mostOfPath = 300;

function below(up: Place, step: string | number): Place {
  const tail = pathText([step]);
  const text = up.text === undefined || up.text === '' || typeof step === 'number' ? up.text : `${up.text}.`;
  const whole = text === undefined ? undefined : `${text}${tail}`;
  return { up, step, text: whole !== undefined && whole.length <= mostOfPath ? whole : undefined };
}

function pathOf(place: Place): (string | number)[] {
  const path: (string | number)[] = [];
  for (let at: Place | undefined = place; at?.step !== undefined; at = at.up) path.push(at.step);
  return path.reverse();
}

/** How much a value comes to. */
interface Amount {
  readonly values: number;
  readonly characters: number;
}

/** What an anchor names: nothing yet, as long as it is being read. */
interface Anchored {
  readonly read?: { readonly value: unknown; readonly amount: Amount };
}

class Reading {
  readonly faults: Fault[] = [];
  readonly lines = new Map<string, number>();
  readonly #positionOf: PositionOf;
  readonly #anchors = new Map<string, Anchored>();
  #values = 0;
  #characters = 0;

  constructor(positionOf: PositionOf) {
    this.#positionOf = positionOf;
  }

  read(node: unknown, place: Place): unknown {
    if (isAlias(node)) return this.#aliased(node.source, node.range?.[0], place);
    if (!isScalar(node) && !isSeq(node) && !isMap(node)) return null;
    const offset = node.range?.[0] ?? 0;
    this.#keepLine(place, offset);
    const { anchor } = node;
    if (anchor === undefined) return this.#readNode(node, place);
    this.#anchors.set(anchor, {});
    const before = this.#amount();
    const value = this.#readNode(node, place);
    const { values, characters } = this.#amount();
    const amount = { values: values - before.values, characters: characters - before.characters };
    this.#anchors.set(anchor, { read: { value, amount } });
    return value;
  }

  #readNode(node: unknown, place: Place): unknown {
    this.#count({ values: 1, characters: 0 }, place);
    if (isScalar(node)) return this.#scalar(node, place);
    if (isSeq(node)) return node.items.map((item, index) => this.read(item, below(place, index)));
    return isMap(node) ? this.#map(node, place) : null;
  }

  #amount(): Amount {
    return { values: this.#values, characters: this.#characters };
  }

  #count({ values, characters }: Amount, place: Place): void {
    const was = this.#isTooMuch();
    this.#values += values;
    this.#characters += characters;
    if (!was && this.#isTooMuch())
      this.#report(
        place,
        undefined,
        `what the document comes to, its aliases counted, has more than ${mostValues} values or ${mostCharacters} characters`,
      );
  }

  #isTooMuch(): boolean {
    return this.#values > mostValues || this.#characters > mostCharacters;
  }

  #scalar(node: Scalar, place: Place): unknown {
    const { value, source = String(node.value) } = node;
    if (typeof value === 'string') {
      this.#count({ values: 0, characters: value.length }, place);
      return value;
    }
    if (value === null || value === undefined || typeof value === 'boolean') return value ?? null;
    if (typeof value !== 'number') {
      this.#report(
        place,
        node.range?.[0],
        'is of a kind that JSON does not have: write it as text, in quotes',
      );
      return null;
    }
    const isWhole = /^[-+]?\d+$|^0[xo]/.test(source);
    if (!Number.isFinite(value) || (isWhole && !Number.isSafeInteger(value)))
      this.#add(refusedNumber({ path: pathOf(place), text: source }));
    return value;
  }

  #aliased(name: string, offset: number | undefined, place: Place): unknown {
    const anchored = this.#anchors.get(name);
    if (anchored?.read) {
      this.#count(anchored.read.amount, place);
      return this.#isTooMuch() ? null : anchored.read.value;
    }
    this.#report(
      place,
      offset,
      anchored
        ? `the alias *${name} stands inside of what it names`
        : `the alias *${name} names nothing before it`,
    );
    return null;
  }

  #map(node: YAMLMap, place: Place): Record<string, unknown> {
    const known = new Map<string, number>();
    const own: [string, unknown][] = [];
    const merged: [string, unknown][] = [];
    for (const pair of node.items) {
      if (isMergeKey(pair)) merged.push(...this.#merged(pair, place));
      else own.push(...this.#entry(pair, place, known));
    }
    return Object.fromEntries([...merged.reverse(), ...own]);
  }

  /** Nothing for a key that is none, or stands there a second time. */
  #entry({ key, value }: Pair, place: Place, known: Map<string, number>): [string, unknown][] {
    const [offset, name] = [rangeOf(key), keyText(key)];
    if (name === undefined) {
      this.#report(place, offset, 'a key has to be a text');
      return [];
    }
    const first = known.get(name);
    if (first !== undefined) {
      this.#report(
        below(place, name),
        offset,
        `stands there a second time, after line ${this.#positionOf(first).line}`,
      );
      return [];
    }
    known.set(name, offset ?? 0);
    const at = below(place, name);
    const read = this.read(value, at);
    if (offset !== undefined) this.#keepLine(at, offset);
    return [[name, read]];
  }

  /** What `<<` puts into a map: a map or several, of which the first one that has a key counts. */
  #merged({ key, value }: Pair, place: Place): [string, unknown][] {
    const read = this.read(value, below(place, '<<'));
    const maps = Array.isArray(read) ? read : [read];
    if (maps.every((map) => typeof map === 'object' && map !== null && !Array.isArray(map)))
      return maps.flatMap((map: object) => Object.entries(map).reverse());
    this.#report(below(place, '<<'), rangeOf(key), 'has to be a map, or a list of maps');
    return [];
  }

  #report(place: Place, offset: number | undefined, message: string): void {
    const where = offset === undefined ? '' : ` (${positionText(this.#positionOf(offset))})`;
    this.#add({ path: pathText(pathOf(place)), message: `${message}${where}` });
  }

  #keepLine({ text }: Place, offset: number): void {
    if (text !== undefined) this.lines.set(text, this.#positionOf(offset).line);
  }

  #add(fault: Fault): void {
    if (this.faults.length < mostFaults) this.faults.push(fault);
  }
}

export const positionText = ({ line, column }: Position): string => `line ${line}, column ${column}`;

const rangeOf = (node: unknown): number | undefined =>
  isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;

const isMergeKey = ({ key }: Pair): boolean => isScalar(key) && key.value === '<<' && key.type === 'PLAIN';

/** Numbers and the like are the texts as which they were written. */
function keyText(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}
