/**
 * Tools as short lines, `gmail.get_email: Reads one…`, that a language model can afford to read: 100 of them take at
 * most 1,600 tokens. Tokenizers differ, so tokens are counted by a rule that counts rather too many (a third more to
 * twice as many as o200k and cl100k on names and texts of several languages): a run of Latin letters has one for each
 * six, rounded up, a run of digits one for each three, a run of other ASCII signs one for each two, any other sign one
 * less than it has bytes in UTF-8, and a space none.
 */
import type { IndexedTool } from './tool-index.ts';

const mostTokens = 1_600;
/** Of the braces, the counts and the names around the lines. */
const aroundTokens = 40;
/** Of the quotes and the comma around a line. */
const lineTokens = 2;

export function countTokens(text: string): number {
  let tokens = 0;
  for (const [run] of text.matchAll(/[A-Za-z]+|[0-9]+|[!-/:-@[-`{-~]+|[^A-Za-z0-9\s]/gu)) {
    if (/^[A-Za-z]/.test(run)) tokens += Math.ceil(run.length / 6);
    else if (/^[0-9]/.test(run)) tokens += Math.ceil(run.length / 3);
    else if (/^[!-~]/.test(run)) tokens += Math.ceil(run.length / 2);
    else tokens += Math.max(1, bytesOf(run) - 1);
  }
  return tokens;
}

const bytesOf = (sign: string): number => new TextEncoder().encode(sign).length;

const nameOf = ({ service, name }: IndexedTool): string => `${service}.${name}`;

/** As many of them, in their order, as fit by their names alone; what is left over is shared out among the texts. */
export function compactTools(tools: readonly IndexedTool[]): string[] {
  let left = mostTokens - aroundTokens;
  const fitting: IndexedTool[] = [];
  for (const tool of tools) {
    const tokens = countTokens(nameOf(tool)) + lineTokens;
    if (tokens > left) break;
    left -= tokens;
    fitting.push(tool);
  }
  return fitting.map((tool, index) => {
    const share = Math.min(Math.floor(left / (fitting.length - index)), mostTextTokens);
    const text = firstWords(tool.description ?? tool.title ?? '', share - 2);
    if (text === '') return nameOf(tool);
    const line = `: ${text}`;
    left -= countTokens(line);
    return `${nameOf(tool)}${line}`;
  });
}

const mostTextTokens = 40;

/** Whole words, with a mark when some are left out. */
function firstWords(text: string, tokens: number): string {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const kept: string[] = [];
  let left = tokens - 3;
  for (const word of words) {
    left -= countTokens(word);
    if (left < 0) break;
    kept.push(word);
  }
  if (kept.length === 0) return '';
  return kept.length === words.length ? kept.join(' ') : `${kept.join(' ')}…`;
}
