/**
 * Takes out of values and texts what is known for a secret: by the name of its field, or by its form. It is the second
 * guard, behind whoever writes: a secret without a telling name or form passes.
 */

export const redacted = '[redacted]';

/** The end of a name without case, hyphens and underscores: `x-api-key`, `GMAIL_PASSWORD`, `refreshToken`. */
const secretName =
  /(?:authorization|token|secret|password|passwd|passphrase|cookie|apikey|adminkey|accesskey|privatekey|signingkey|credential)s?$/i;

const separators = /[-_.\s]/g;

export const isSecretName = (name: string): boolean => secretName.test(name.replaceAll(separators, ''));

/** Every repetition is bounded, so that a long text takes time in proportion to its length. */
const forms: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g, redacted],
  [/\b(Bearer|Basic)\s{1,4}[\w+/~.=-]{8,}/gi, `$1 ${redacted}`],
  [/\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g, redacted],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, redacted],
  [/\bor[ct]_[0-9A-Za-z]{12}_[0-9A-Za-z]{16,60}/g, redacted],
  [/\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk-)[\w-]{16,}/g, redacted],
  [/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@:]{0,200}:[^\s/@]{1,200}@/gi, `$1${redacted}@`],
  [
    /((?:token|secret|password|passwd|passphrase|cookie|api[-_]?key|admin[-_]?key|access[-_]?key|private[-_]?key)["']?\s{0,4}[=:]\s{0,4}["']?)(?!\[redacted\])[^\s"',;&]+/gi,
    `$1${redacted}`,
  ],
];

/** Each form has one of these in it. Ids, names and codes have none, and most of what is logged is such. */
const partOfAForm = /[\s:=]|eyJ|A[KS]IA|gh[pousr]_|github_pat_|glpat-|xox|sk-|or[ct]_/;

export const redactText = (text: string): string => (partOfAForm.test(text) ? withoutForms(text) : text);

const withoutForms = (text: string): string =>
  forms.reduce((kept, [form, instead]) => kept.replaceAll(form, instead), text);

/** Lines that were said one after the other: a private key spans several. */
export const redactLines = (lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : redactText(lines.join('\n')).split('\n');

const deepest = 20;

/** The same value without secrets; what lies deeper than 20 levels is left out. */
export function redactValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= deepest) return '[too deep]';
  if (Array.isArray(value)) return value.map((part) => redactValue(part, depth + 1));
  if (value instanceof Date) return value;
  if (value instanceof Error) return redactText(value.stack ?? value.message);
  return redactObject(value, depth);
}

/** `{name: 'authorization', value: …}` is a secret as `{authorization: …}` is. */
function redactObject(value: object, depth: number): Record<string, unknown> {
  const entries: [string, unknown][] = Object.entries(value);
  const named = entries.some(isNameOfSecret);
  const kept: Record<string, unknown> = {};
  // As a key it would set what the object inherits.
  for (const [name, part] of entries)
    if (name !== '__proto__') kept[name] = redactField(name, part, { depth, named });
  return kept;
}

function redactField(
  name: string,
  part: unknown,
  { depth, named }: { readonly depth: number; readonly named: boolean },
): unknown {
  const secret = isSecretName(name) || (named && /^value$/i.test(name));
  return secret && !isHarmless(part) ? redacted : redactValue(part, depth + 1);
}

const isNameOfSecret = ([key, name]: [string, unknown]): boolean =>
  /^(?:name|key)$/i.test(key) && typeof name === 'string' && isSecretName(name);

/** Such as a number of tokens. */
const isHarmless = (value: unknown): boolean =>
  value === undefined || value === null || typeof value === 'number' || typeof value === 'boolean';
