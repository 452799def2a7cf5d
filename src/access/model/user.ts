/** A user as it is shown, and which passwords there may be. */
import * as z from 'zod';
import { RoleName } from './access.ts';

export const UserName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._@+-]{0,62}$/, 'must be 1 to 63 small letters, digits, ., _, @, + and -');

export const User = z.object({
  name: UserName.describe('Name to sign in with'),
  role: RoleName.describe('What it may do'),
  createdAt: z.string().describe('ISO time'),
  createdBy: z.string().describe('Caller that created it'),
  passwordSetAt: z.string().describe('ISO time'),
  disabledAt: z.string().optional().describe('ISO time since which it is not let in'),
});
export type User = z.infer<typeof User>;

export const shortestPassword = 12;
const longestPassword = 128;

/** What the most common passwords are made of, without digits, signs and repetitions (lists of leaked passwords). */
const common: ReadonlySet<string> = new Set(
  (
    'password passwort passw pass word admin administrator root user guest login welcome letmein secret master changeme default test ' +
    'qwerty qwertyuiop qwertz qwertzuiop asdfgh asdfghjkl zxcvbnm zxcvbn azerty qazwsx qazwsxedc iloveyou love monkey dragon ' +
    'sunshine princess football baseball superman batman trustno starwars pokemon michael jordan shadow hello whatever freedom ' +
    'abc abcd abcdef abcdefgh abcdefghijkl orchestrator orchestratorservice summer winter spring autumn january'
  ).split(' '),
);

const likeLetters: Readonly<Record<string, string>> = {
  0: 'o',
  1: 'l',
  3: 'e',
  4: 'a',
  5: 's',
  7: 't',
  '@': 'a',
  $: 's',
};

/** `P4ssw0rd!2024` as `password`, `abcabcabcabc` as `abc`. */
function coresOf(password: string): string[] {
  const lower = password.toLowerCase();
  const plain = lower.replaceAll(/[^a-z]/g, '');
  const trimmed = lower.replaceAll(/^[^a-z]+|[^a-z]+$/g, '');
  const read = [...trimmed]
    .map((sign) => likeLetters[sign] ?? sign)
    .join('')
    .replaceAll(/[^a-z]/g, '');
  return [plain, read].map((text) => /^(.+?)\1+$/.exec(text)?.[1] ?? text);
}

/** Why a password may not be used; undefined when it may. */
export function passwordFault(password: string, name: string): string | undefined {
  if (password.length < shortestPassword) return `must have at least ${shortestPassword} characters`;
  if (password.length > longestPassword) return `must have at most ${longestPassword} characters`;
  if (new Set(password.toLowerCase()).size < 5) return 'repeats a few characters';
  if (coresOf(password).some((core) => core.length < 3 || common.has(core)))
    return 'is one of the most common ones, or nearly';
  if (name.length > 3 && password.toLowerCase().includes(name)) return 'holds the name of the user';
  return undefined;
}
