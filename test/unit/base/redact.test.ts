import { expect, it } from 'vitest';
import { isSecretName, redactLines, redactText, redactValue } from '../../../src/base/redact.ts';

it.each([
  'authorization',
  'Proxy-Authorization',
  'x-api-key',
  'GMAIL_PASSWORD',
  'refreshToken',
  'Set-Cookie',
  'clientSecret',
  'aws_secret_access_key',
  'credentials',
])('takes %s for the name of a secret', (name) => {
  expect(isSecretName(name)).toBe(true);
});

it.each(['service', 'idempotencyKey', 'tokenizer', 'passwordless', 'author', 'secretary'])(
  'takes %s for no secret',
  (name) => {
    expect(isSecretName(name)).toBe(false);
  },
);

it.each([
  ['Authorization: Bearer abcdefgh.ijkl', 'Authorization: Bearer [redacted]'],
  ['basic dXNlcjpwYXNzd29yZA==', 'basic [redacted]'],
  ['it is eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl here', 'it is [redacted] here'],
  ['key AKIAIOSFODNN7EXAMPLE', 'key [redacted]'],
  ['postgres://me:hunter2@db:5432/x', 'postgres://[redacted]@db:5432/x'],
  ['GET /x?access_token=abc&page=2', 'GET /x?access_token=[redacted]&page=2'],
  ['{"password":"hunter2","user":"me"}', '{"password":"[redacted]","user":"me"}'],
  ['DB_PASSWORD=hunter2', 'DB_PASSWORD=[redacted]'],
  ['ghp_0123456789abcdef0123456789', '[redacted]'],
  [`key=orc_0123456789AB_${'a'.repeat(49)}`, 'key=[redacted]'],
  ['nothing to see in http://example.org/a:b@c', 'nothing to see in http://example.org/a:b@c'],
  ['3 tokens were used', '3 tokens were used'],
])('makes of %s', (text, kept) => {
  expect(redactText(text)).toBe(kept);
});

it('takes a private key out of lines, whole or cut off', () => {
  const key = ['-----BEGIN PRIVATE KEY-----', 'MIIEvQ', 'IBADAN', '-----END PRIVATE KEY-----'];
  expect(redactLines(['before', ...key, 'after'])).toEqual(['before', '[redacted]', 'after']);
  expect(redactLines(['before', ...key.slice(0, 2)])).toEqual(['before', '[redacted]']);
  expect(redactLines([])).toEqual([]);
});

it('takes secrets out of values by the names of their fields, however deep, and out of pairs of name and value', () => {
  const value = {
    user: 'me',
    headers: { authorization: 'x', accept: 'json' },
    env: [
      { name: 'API_KEY', value: 'x' },
      { name: 'MODE', value: 'fast' },
    ],
    token: { of: 'anything' },
    usage: { tokens: 12 },
    text: 'Bearer 0123456789',
  };
  expect(redactValue(value)).toEqual({
    user: 'me',
    headers: { authorization: '[redacted]', accept: 'json' },
    env: [
      { name: 'API_KEY', value: '[redacted]' },
      { name: 'MODE', value: 'fast' },
    ],
    token: '[redacted]',
    usage: { tokens: 12 },
    text: 'Bearer [redacted]',
  });
});

it('ends where values are nested too deep', () => {
  const ring: Record<string, unknown> = {};
  ring['again'] = ring;
  expect(JSON.stringify(redactValue(ring))).toContain('[too deep]');
});
