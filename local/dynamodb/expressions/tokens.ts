/** The words of an expression, and the error that tells of one that does not belong where it is. */
import { type ApiError, invalid } from '../api-error.ts';

/** Which parameter of a request an expression is, as errors name it. */
export type ExpressionKind =
  | 'ConditionExpression'
  | 'FilterExpression'
  | 'KeyConditionExpression'
  | 'ProjectionExpression'
  | 'UpdateExpression';

export interface Token {
  readonly kind: 'word' | 'name' | 'value' | 'number' | 'symbol' | 'end';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const longestExpression = 4096;
const word = /\s*(?:([A-Za-z_]\w*)|(#\w+)|(:\w+)|(\d+)|(<>|<=|>=|[^\s]))/y;

/** Reads the tokens of one expression one by one. */
export class TokenReader {
  readonly kind: ExpressionKind;
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(kind: ExpressionKind, text: string) {
    this.kind = kind;
    this.#text = text;
    const bytes = Buffer.byteLength(text);
    if (text.trim() === '') throw this.fault('The expression can not be empty;');
    if (bytes > longestExpression)
      throw this.fault(`Expression size has exceeded the maximum allowed size; expression size: ${bytes}`);
    this.#tokens = tokensOf(text);
  }

  get next(): Token {
    return this.#tokens[this.#at] ?? endOf(this.#text);
  }

  take(): Token {
    const token = this.next;
    this.#at += 1;
    return token;
  }

  /** Takes the token when it is this symbol. */
  takes(symbol: string): boolean {
    const { kind, text } = this.next;
    const found = kind === 'symbol' && text === symbol;
    if (found) this.#at += 1;
    return found;
  }

  /** Takes the token when it is this word, however it is written. */
  takesWord(keyword: string): boolean {
    const found = this.isWord(keyword);
    if (found) this.#at += 1;
    return found;
  }

  isWord(keyword: string): boolean {
    return this.next.kind === 'word' && this.next.text.toUpperCase() === keyword;
  }

  expect(symbol: string): void {
    if (!this.takes(symbol)) throw this.unexpected();
  }

  expectWord(keyword: string): void {
    if (!this.takesWord(keyword)) throw this.unexpected();
  }

  expectEnd(): void {
    if (this.next.kind !== 'end') throw this.unexpected();
  }

  /** About the token that comes next. */
  unexpected(): ApiError {
    const { kind, text, start } = this.next;
    const from = this.#tokens[this.#at - 1]?.start ?? start;
    const to = this.#tokens[this.#at + 1]?.end ?? this.#tokens.at(-1)?.end ?? 0;
    const token = kind === 'end' ? '<EOF>' : text;
    return this.fault(`Syntax error; token: "${token}", near: "${this.#text.slice(from, to)}"`);
  }

  fault(why: string): ApiError {
    return invalid(`Invalid ${this.kind}: ${why}`);
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  word.lastIndex = 0;
  for (let match = word.exec(text); match !== null; match = word.exec(text)) {
    const [, plain, name, value, number, symbol] = match;
    const found = plain ?? name ?? value ?? number ?? symbol ?? '';
    const kind = plain ? 'word' : name ? 'name' : value ? 'value' : number ? 'number' : 'symbol';
    tokens.push({ kind, text: found, start: word.lastIndex - found.length, end: word.lastIndex });
  }
  return tokens;
}

const endOf = (text: string): Token => ({ kind: 'end', text: '', start: text.length, end: text.length });
