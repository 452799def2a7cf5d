/**
 * Regular expressions of JSON Schemas, run in a time that grows with the text and not with the expression's branches
 * (RE2). What is written for ECMAScript is rewritten where RE2 means something else by it; what RE2 does not know, such
 * as lookaround and references back, cannot be run so.
 */
import { RE2JS } from 're2js';
import { RecentMap } from '../base/recent-map.ts';

export type LinearPattern = (text: string) => boolean;

const compiled = new RecentMap<string, LinearPattern | undefined>(200);

/** Undefined for an expression that cannot be run in linear time. */
export function linearPattern(source: string): LinearPattern | undefined {
  const known = compiled.get(source);
  if (known !== undefined) return known;
  const pattern = compile(source);
  compiled.set(source, pattern);
  return pattern;
}

function compile(source: string): LinearPattern | undefined {
  try {
    const rewritten = rewrite(source);
    const expression = RE2JS.compile(RE2JS.translateRegExp(rewritten));
    return (text) => expression.test(text);
  } catch {
    return undefined;
  }
}

/** ECMA-262: `.` is no line terminator, of which there are four; white space is more than that of ASCII. */
const notLineEnd = '[^\\n\\r\\x{2028}\\x{2029}]';
const space = '\\t\\n\\x0b\\f\\r \\x{feff}\\x{2028}\\x{2029}\\p{Zs}';

/** An escape, with the braces behind it if it has some (no name is longer), or one character. */
const piece = /\\[pPu]\{[^}]{0,100}\}|\\[\s\S]|[\s\S]/gu;

function rewrite(source: string): string {
  let inClass = false;
  let rewritten = '';
  for (const [part] of source.matchAll(piece)) {
    rewritten += inClass ? inClassPiece(part) : outsidePiece(part);
    if (part === '[') inClass = true;
    else if (part === ']') inClass = false;
  }
  return rewritten;
}

function outsidePiece(part: string): string {
  if (part === '.') return notLineEnd;
  if (part === '\\s') return `[${space}]`;
  if (part === '\\S') return `[^${space}]`;
  if (part === '\\k') throw new Error('it refers back to a group');
  return propertyPiece(part);
}

function inClassPiece(part: string): string {
  if (part === '\\s') return space;
  if (part === '\\S') throw new Error('everything but space has no other form inside of brackets');
  if (part === '\\b') return '\\x08';
  return part === '[' ? '\\[' : propertyPiece(part);
}

/** `\p{Letter}`, `\p{gc=Lu}` and `\p{Script=Greek}` in the short form. */
function propertyPiece(part: string): string {
  const [, sign, name] = /^\\([pP])\{(?:(?:General_Category|gc|Script|sc)=)?(\w+)\}$/.exec(part) ?? [];
  return sign === undefined || name === undefined ? part : `\\${sign}{${categories.get(name) ?? name}}`;
}

/** General categories of Unicode that have a long name (UAX 44). */
const categories: ReadonlyMap<string, string> = new Map(
  Object.entries({
    Letter: 'L',
    Cased_Letter: 'LC',
    Uppercase_Letter: 'Lu',
    Lowercase_Letter: 'Ll',
    Titlecase_Letter: 'Lt',
    Modifier_Letter: 'Lm',
    Other_Letter: 'Lo',
    Mark: 'M',
    Nonspacing_Mark: 'Mn',
    Spacing_Mark: 'Mc',
    Enclosing_Mark: 'Me',
    Number: 'N',
    Decimal_Number: 'Nd',
    digit: 'Nd',
    Letter_Number: 'Nl',
    Other_Number: 'No',
    Punctuation: 'P',
    punct: 'P',
    Connector_Punctuation: 'Pc',
    Dash_Punctuation: 'Pd',
    Open_Punctuation: 'Ps',
    Close_Punctuation: 'Pe',
    Initial_Punctuation: 'Pi',
    Final_Punctuation: 'Pf',
    Other_Punctuation: 'Po',
    Symbol: 'S',
    Math_Symbol: 'Sm',
    Currency_Symbol: 'Sc',
    Modifier_Symbol: 'Sk',
    Other_Symbol: 'So',
    Separator: 'Z',
    Space_Separator: 'Zs',
    Line_Separator: 'Zl',
    Paragraph_Separator: 'Zp',
    Other: 'C',
    Control: 'Cc',
    cntrl: 'Cc',
    Format: 'Cf',
  }),
);
