/** What is wrong with `.env` and would go unnoticed: lines that set nothing, and variables that nobody reads. */
import { parseEnv } from 'node:util';
import { nearestName } from '../src/base/nearest-name.ts';

/** Variables of other programs that read the same file. */
const ofOthers = /^(AWS|CDK|NODE|NPM|TSX|COMPOSE|DOCKER|OTEL|GIT|CI)(_|$)|_PROXY$/i;

const assignment = /^\s*(?:export\s+)?[\w.-]+\s*=\s*(.*)$/;

/** Without the lines that set nothing: Node's parser would take each for the beginning of the next variable's name. */
export function parseEnvFile(text: string): Readonly<Record<string, string | undefined>> {
  const nothing = new Set(linesWithoutAssignment(text));
  return parseEnv(
    linesOf(text)
      .map((line, at) => (nothing.has(at + 1) ? '' : line))
      .join('\n'),
  );
}

const linesOf = (text: string): string[] => text.split(/\r?\n/);

/** Sentences for a person. No line is quoted: it may hold a secret. */
export function envFileFaults(text: string, known: readonly string[]): string[] {
  const lines = linesWithoutAssignment(text).map(
    (line) => `line ${line} is not of the form NAME=value, and sets nothing`,
  );
  const unknown = Object.keys(parseEnvFile(text)).filter(
    (name) => !known.includes(name) && !ofOthers.test(name),
  );
  return [...lines, ...unknown.map((name) => unknownVariable(name, known))];
}

function unknownVariable(name: string, known: readonly string[]): string {
  const meant = nearestName(name, known);
  return `nothing reads the variable ${name}${meant === undefined ? '' : `; ${meant} is meant?`}`;
}

/** Their numbers, from 1. A quoted value may have several lines. */
function linesWithoutAssignment(text: string): number[] {
  const lines = linesOf(text);
  const found: number[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at]?.trim() ?? '';
    if (line === '' || line.startsWith('#')) continue;
    const value = assignment.exec(line)?.[1];
    if (value === undefined) found.push(at + 1);
    else at += furtherLines(value, lines.slice(at + 1));
  }
  return found;
}

/** How many lines below belong to a value: those up to the quote that ends it, if one does. */
function furtherLines(value: string, below: readonly string[]): number {
  const quote = /^["'`]/.exec(value)?.[0];
  if (quote === undefined || value.indexOf(quote, 1) > 0) return 0;
  return below.findIndex((line) => line.includes(quote)) + 1;
}
