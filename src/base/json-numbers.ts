/**
 * Numbers of a JSON text that are not what was written once they are read: numbers here are IEEE 754 doubles, as in most
 * readers of JSON (RFC 8259, 6). Whole numbers are exact up to 2^53; larger ones are often the ids of strangers.
 * Fractions are taken as the nearest double, and what has an exponent may be as large as a double.
 */
import type { Fault } from './errors.ts';
import { pathText } from './faults.ts';
import { endOfString } from './nesting.ts';

export interface InexactNumber {
  /** Keys and indexes. */
  readonly path: readonly (string | number)[];
  /** As it is written. */
  readonly text: string;
}

interface Level {
  readonly isArray: boolean;
  index: number;
  /** Where the text of the key begins and ends. */
  key: readonly [number, number] | undefined;
}

/** Looking stops here: whoever sends as many is told enough. */
const mostFound = 1_000;

/** Without one of these, and that is nearly always, nothing has to be looked for. */
const suspicious = /\d{16}|\d[eE][+-]?\d/;
const numeral = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

const code = (character: string): number => character.charCodeAt(0);
const [quote, comma, minus, zero, nine] = [code('"'), code(','), code('-'), code('0'), code('9')];
const openObject = code('{');
const openArray = code('[');
const closing: ReadonlySet<number> = new Set([code('}'), code(']')]);

/** In the order of the text, which has to be JSON; in linear time. */
export const inexactNumbers = (text: string): InexactNumber[] => find(text, isInexact);

/** Those that reading changes; one that is too large to be sure of may be right by chance. */
export const changedNumbers = (text: string): InexactNumber[] =>
  find(text, (written) => isInexact(written) && isChanged(written));

type Judge = (written: string) => boolean;

const find = (text: string, isFound: Judge): InexactNumber[] =>
  suspicious.test(text) ? scan(text, isFound) : [];

function scan(text: string, isFound: Judge): InexactNumber[] {
  const found: InexactNumber[] = [];
  const levels: Level[] = [];
  for (let at = 0; at < text.length && found.length < mostFound; at++) {
    const character = text.charCodeAt(at);
    const level = levels.at(-1);
    if (character === quote) at = passString(text, at, level);
    else if (startsNumeral(character)) {
      const written = numeralAt(text, at);
      if (isFound(written)) found.push({ path: pathOf(text, levels), text: written });
      at += written.length - 1;
    } else if (character === openObject || character === openArray) {
      levels.push({ isArray: character === openArray, index: 0, key: undefined });
    } else if (closing.has(character)) levels.pop();
    else if (character === comma && level) {
      level.index += 1;
      level.key = undefined;
    }
  }
  return found;
}

/** Where the string ends; the first one of a member is its key. */
function passString(text: string, start: number, level: Level | undefined): number {
  const end = endOfString(text, start);
  if (level && !level.isArray) level.key ??= [start, end + 1];
  return end;
}

const startsNumeral = (character: number): boolean =>
  character === minus || (character >= zero && character <= nine);

function numeralAt(text: string, at: number): string {
  numeral.lastIndex = at;
  return numeral.exec(text)?.[0] ?? text.charAt(at);
}

const pathOf = (text: string, levels: readonly Level[]): (string | number)[] =>
  levels.map(({ isArray, index, key }) => (isArray ? index : keyAt(text, key)));

const keyAt = (text: string, key: Level['key']): string =>
  key === undefined ? '' : String(JSON.parse(text.slice(...key)));

function isInexact(written: string): boolean {
  const value = Number(written);
  if (!Number.isFinite(value)) return true;
  const [digits = ''] = written.split(/[eE]/);
  if (value === 0) return /[1-9]/.test(digits);
  return digits.length === written.length && Math.abs(value) > Number.MAX_SAFE_INTEGER;
}

/** Whether it is written differently after it was read: then it is another one to whoever reads it next. */
const isChanged = (written: string): boolean =>
  !/^-?\d+$/.test(written) || String(Number(written)) !== written;

const longestShown = 60;
const shown = (text: string): string =>
  text.length <= longestShown ? text : `${text.slice(0, longestShown)}…`;

const cannotBeKept = ({ text }: Pick<InexactNumber, 'text'>): string =>
  `${shown(text)} is a number that cannot be kept exactly`;
export const asText = 'send it as text, in quotes';

/** Why a number of a caller is refused. */
export const refusedNumber = ({ path, text }: InexactNumber): Fault => ({
  path: pathText(path),
  message: `${cannotBeKept({ text })}; ${asText}`,
});

/** What became of a number of a service. */
export const changedNumber = ({ path, text }: InexactNumber): Fault => ({
  path: pathText(path),
  message: `${cannotBeKept({ text })}: it became ${JSON.stringify(Number(text))}; ${asText}`,
});

/** Why a text of a service that could be read as JSON was not. */
export const keptAsText = ({ path, text }: InexactNumber): Fault => ({
  path: pathText(path),
  message: `${cannotBeKept({ text })}, so the text that holds it was left as text; ${asText}`,
});

/** Those below a place, with paths from there. */
export const below = (
  place: InexactNumber['path'],
  numbers: readonly InexactNumber[],
): readonly InexactNumber[] =>
  numbers.flatMap(({ path, text }) =>
    place.every((part, index) => path[index] === part) ? [{ path: path.slice(place.length), text }] : [],
  );
