import { expect, it } from 'vitest';
import { envFileFaults, parseEnvFile } from '../../../local/env-file.ts';

const text = [
  '# a comment',
  'PORT=1',
  'ADMIN_KEY c0ffee',
  'export LOG_LEVEL=warn',
  '',
  'QUOTED="one',
  'two three"',
  "SINGLE='a' # b",
  '  HOST = here  ',
  'just words',
].join('\r\n');

it('leaves out lines that set nothing, and nothing else', () => {
  expect(parseEnvFile(text)).toEqual({
    PORT: '1',
    LOG_LEVEL: 'warn',
    QUOTED: 'one\ntwo three',
    SINGLE: 'a',
    HOST: 'here',
  });
});

it('names those lines by their numbers', () => {
  expect(envFileFaults(text, ['PORT', 'LOG_LEVEL', 'QUOTED', 'SINGLE', 'HOST'])).toEqual([
    'line 3 is not of the form NAME=value, and sets nothing',
    'line 10 is not of the form NAME=value, and sets nothing',
  ]);
});

it.each([
  ['PROT', 'PORT'],
  ['ORCHESTATOR_DATA_DIR', 'ORCHESTRATOR_DATA_DIR'],
  ['ADMINKEY', 'ADMIN_KEY'],
])('finds %s near %s', (written, meant) => {
  expect(envFileFaults(`${written}=1`, ['PORT', 'ORCHESTRATOR_DATA_DIR', 'ADMIN_KEY'])).toEqual([
    `nothing reads the variable ${written}; ${meant} is meant?`,
  ]);
});

it('does not judge the variables of other programs', () => {
  expect(envFileFaults('AWS_PROFILE=a\nHTTPS_PROXY=b\nCI=1\nNODE_ENV=c\n', ['PORT'])).toEqual([]);
  expect(envFileFaults('ELSEWHERE=1', ['PORT'])).toEqual(['nothing reads the variable ELSEWHERE']);
});
