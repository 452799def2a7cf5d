import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyTextOf, lettersOf, readKeyText } from '../../../src/access/model/key-text.ts';
import { sha256 } from '../../../src/runtime/clock-and-ids.ts';
import { newKeyParts } from '../../../src/runtime/new-key-parts.ts';

const id = '0123456789AB';
const secret = 'a'.repeat(43);
const key = `orc_${id}_${secret}3wKFVf`;

describe('the text of a key', () => {
  it('has a prefix, an id, a secret and a checksum', () => {
    expect(keyTextOf({ id, secret }, sha256)).toBe(key);
    expect(readKeyText(key, sha256)).toEqual({ id, secret });
  });

  it('is read back, whatever it was made of', async () => {
    for (let turn = 0; turn < 200; turn += 1) {
      const parts = await newKeyParts();
      expect(parts.id).toMatch(/^[0-9A-Za-z]{12}$/);
      expect(parts.secret).toMatch(/^[0-9A-Za-z]{43}$/);
      expect(readKeyText(keyTextOf(parts, sha256), sha256)).toEqual({ id: parts.id, secret: parts.secret });
    }
  });

  it('is refused with any one character mistyped, left out or added', () => {
    const letters = fc.constantFrom(...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-. ');
    fc.assert(
      fc.property(fc.nat(key.length - 1), letters, (at, letter) => {
        const typed = `${key.slice(0, at)}${letter}${key.slice(at + 1)}`;
        expect(readKeyText(typed, sha256)).toEqual(typed === key ? { id, secret } : undefined);
        expect(readKeyText(`${key.slice(0, at)}${key.slice(at + 1)}`, sha256)).toBeUndefined();
        expect(readKeyText(`${key.slice(0, at)}${letter}${key.slice(at)}`, sha256)).toBeUndefined();
      }),
    );
  });

  it.each(['', 'orc_', key.toLowerCase(), ` ${key}`, `${key}\n`, key.replace('orc_', 'orb_')])(
    'is not %j',
    (text) => {
      expect(readKeyText(text, sha256)).toBeUndefined();
    },
  );

  it('counts in letters and digits', () => {
    expect(lettersOf('0', 3)).toBe('000');
    expect(lettersOf('3d', 2)).toBe('0z');
    expect(lettersOf('3e', 2)).toBe('10');
  });
});
