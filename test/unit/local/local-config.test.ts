import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { environmentWith, LocalConfig, wantsCallers } from '../../../local/local-config.ts';
import { readConfig } from '../../../src/runtime/read-config.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orchestrator-env-'));
  writeFileSync(
    join(folder, '.env'),
    'PORT=9000\nDEFAULT_WORKFLOW=from-file\nGMAIL_SERVICE_URL=\n# a comment\n',
  );
});

afterAll(() => rmSync(folder, { recursive: true }));

it('reads .env, lets the environment win, and takes an empty value as not set', () => {
  const env = environmentWith(join(folder, '.env'), { PORT: '9001', HOST: '' });
  expect(env).toEqual({ PORT: '9001', DEFAULT_WORKFLOW: 'from-file' });
  expect(readConfig(LocalConfig, env)).toMatchObject({
    PORT: 9001,
    HOST: '127.0.0.1',
    DEFAULT_WORKFLOW: 'from-file',
  });
});

it.each([
  ['REGISTRY_NAMESPACE', 'orchestrator', 'must be a host name read backwards'],
  ['SERVICE_REGISTRY_URL', 'ftp://registry.example.org', 'must be an http or https URL'],
  ['SERVICE_REGISTRY_URL', 'http://user:secret@a.example.org', 'must be an http or https URL without user'],
])('names %s when it is wrong, without its value', (name, value, message) => {
  const read = () => readConfig(LocalConfig, { [name]: value });
  expect(read).toThrow(`The environment is not valid: ${name}: ${message}`);
  expect(read).not.toThrow(/secret/);
});

it('does without a file', () => {
  expect(environmentWith(join(folder, 'none'), {})).toEqual({});
});

it.each(['127.0.0.1', '127.9.9.9', '::1', 'localhost', '::ffff:127.0.0.1'])(
  'needs no key on %s, which this machine alone reaches',
  (HOST) => {
    expect(wantsCallers(readConfig(LocalConfig, { HOST }))).toBe(false);
    expect(wantsCallers(readConfig(LocalConfig, { HOST, AUTH: 'off' }))).toBe(false);
    expect(wantsCallers(readConfig(LocalConfig, { HOST, AUTH: 'on' }))).toBe(true);
  },
);

it.each(['0.0.0.0', '::', '10.0.0.1', 'localhost.example.com'])('needs a key on %s', (HOST) => {
  const key = 'c0ffee-c0ffee-c0ffee-c0ffee-c0ff';
  expect(wantsCallers(readConfig(LocalConfig, { HOST }))).toBe(true);
  expect(wantsCallers(readConfig(LocalConfig, { HOST, ADMIN_KEY: key }))).toBe(true);
  expect(() => wantsCallers(readConfig(LocalConfig, { HOST, AUTH: 'off' }))).toThrow(
    `HOST ${HOST} can be reached from other machines, so AUTH cannot be off`,
  );
  expect(() => wantsCallers(readConfig(LocalConfig, { ADMIN_KEY: key, AUTH: 'off' }))).toThrow(
    'ADMIN_KEY asks callers who they are, and AUTH=off does not; leave one of them out',
  );
  expect(() => readConfig(LocalConfig, { HOST, ADMIN_KEY: key.slice(1) })).toThrow(
    'The environment is not valid: ADMIN_KEY: must have at least 32 characters',
  );
});

it.each(['warn', 'Warn', 'WARN'])('takes the log level %s', (LOG_LEVEL) => {
  expect(readConfig(LocalConfig, { LOG_LEVEL }).LOG_LEVEL).toBe('WARN');
});

it('says where the log goes when nothing is told', () => {
  expect(readConfig(LocalConfig, {})).toMatchObject({
    LOG_LEVEL: 'INFO',
    LOG_OUTPUT: 'console',
    LOG_MAX_BYTES: 10_485_760,
    LOG_MAX_FILES: 5,
  });
});

it('takes a list of those whose payloads are logged', () => {
  const { LOG_PAYLOADS } = readConfig(LocalConfig, { LOG_PAYLOADS: 'workflow:a-b, service:gmail' });
  expect(LOG_PAYLOADS).toEqual(['workflow:a-b', 'service:gmail']);
});

it.each([
  ['LOG_FORMAT', 'colorful'],
  ['LOG_MAX_BYTES', '100'],
  ['LOG_MAX_FILES', '0'],
  ['LOG_PAYLOADS', 'gmail'],
  ['LOG_PAYLOADS', 'service:*'],
])('refuses %s=%s', (name, value) => {
  expect(() => readConfig(LocalConfig, { [name]: value })).toThrow(name);
});

it.each([
  ['ALLOWED_ORIGINS', 'https://app.example.com/path'],
  ['ALLOWED_ORIGINS', 'https://app.example.com?x'],
  ['ALLOWED_ORIGINS', 'https://user@app.example.com'],
  ['ALLOWED_ORIGINS', 'app.example.com'],
  ['ALLOWED_ORIGINS', '*'],
  ['ALLOWED_ORIGINS', 'null'],
  ['ALLOWED_HOSTS', 'http://app.example.com'],
  ['ALLOWED_HOSTS', 'a@b'],
  ['ALLOWED_HOSTS', '*'],
])('refuses %s=%s', (name, value) => {
  expect(() => readConfig(LocalConfig, { [name]: value })).toThrow(`${name}[0]: must be`);
});

it('takes origins as people write them', () => {
  const ALLOWED_ORIGINS = 'https://App.Example.com:443/, http://localhost:3000,chrome-extension://abcdef';
  expect(readConfig(LocalConfig, { ALLOWED_ORIGINS }).ALLOWED_ORIGINS).toEqual([
    'https://app.example.com',
    'http://localhost:3000',
    'chrome-extension://abcdef',
  ]);
});
