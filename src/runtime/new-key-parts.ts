/** Chance for a new API key: an id of 64 bits, a secret of 256 and a salt of 128. */
import { randomBytes } from 'node:crypto';
import { idLength, lettersOf, secretLength } from '../access/model/key-text.ts';

const letters = (bytes: number, length: number): string =>
  lettersOf(randomBytes(bytes).toString('hex'), length);

export const newKeyParts = async () => ({
  id: letters(8, idLength),
  secret: letters(32, secretLength),
  salt: randomBytes(16).toString('hex'),
});
