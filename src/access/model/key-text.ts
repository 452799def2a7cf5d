/**
 * The text of an API key, `orc_<id>_<secret><checksum>`, and of a token of a user, `ort_…`, in letters and digits. The prefix
 * is for secret scanners and for people; the checksum refuses a mistyped one without a look at any table. It proves nothing.
 */

export interface KeyParts {
  /** Names its record. */
  readonly id: string;
  /** 256 random bits. */
  readonly secret: string;
}

/** An API key, or a token that a user got for a password. */
export type KeyPrefix = 'orc' | 'ort';

export type Hash = (text: string) => string;

export const idLength = 12;
export const secretLength = 43;
const checksumLength = 6;
const form = /^((or[ct])_([0-9A-Za-z]{12})_([0-9A-Za-z]{43}))([0-9A-Za-z]{6})$/;

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A hexadecimal number in letters and digits, filled up with zeros. */
export function lettersOf(hexadecimal: string, length: number): string {
  let rest = BigInt(`0x${hexadecimal}`);
  let text = '';
  while (rest > 0n) {
    text = `${digits[Number(rest % 62n)]}${text}`;
    rest /= 62n;
  }
  return text.padStart(length, '0');
}

/** `hash` gives hexadecimal digits (SHA-256); 32 bits of it are the checksum. */
const checksumOf = (text: string, hash: Hash): string => lettersOf(hash(text).slice(0, 8), checksumLength);

export function keyTextOf({ id, secret }: KeyParts, hash: Hash, prefix: KeyPrefix = 'orc'): string {
  const text = `${prefix}_${id}_${secret}`;
  return `${text}${checksumOf(text, hash)}`;
}

/** Undefined for what is no key of this form, or mistyped. */
export function readKeyText(text: string, hash: Hash, prefix: KeyPrefix = 'orc'): KeyParts | undefined {
  const [, checked = '', found, id = '', secret = '', checksum] = form.exec(text) ?? [];
  return found === prefix && checksum === checksumOf(checked, hash) ? { id, secret } : undefined;
}
