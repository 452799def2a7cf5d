/**
 * Indents JSON as a text, without reading its values: whatever its numbers are, they stay as they are written. It goes
 * over the characters, since an expression that matches a text with a million escapes is too deep for V8.
 */

const marks = '{}[],:';

export function indentJson(text: string, indent: number): string {
  const parts: string[] = [];
  let depth = 0;
  let before = '';
  for (const one of tokensOf(text)) {
    const closes = one === '}' || one === ']';
    const opened = before === '{' || before === '[';
    if (closes) depth -= 1;
    if (closes ? !opened : opened || before === ',') parts.push(`\n${' '.repeat(depth * indent)}`);
    parts.push(one === ':' ? ': ' : one);
    if (one === '{' || one === '[') depth += 1;
    before = one;
  }
  return parts.join('');
}

/** Texts, numbers, words and marks, without the white space between them. */
function* tokensOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const end = endOf(text, at);
    const token = text.slice(at, end);
    if (token.trim() !== '') yield token;
    at = end;
  }
}

function endOf(text: string, start: number): number {
  const first = text.charAt(start);
  if (first === '"') return endOfText(text, start);
  if (marks.includes(first) || isSpace(first)) return start + 1;
  let at = start + 1;
  while (at < text.length && !marks.includes(text.charAt(at)) && !isSpace(text.charAt(at))) at += 1;
  return at;
}

function endOfText(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charAt(at) !== '"') at += text.charAt(at) === '\\' ? 2 : 1;
  return at + 1;
}

const isSpace = (character: string): boolean => /\s/.test(character);
