/** Which tokens of an issuer are taken: the table of forgeries, and how its keys are read and changed. */
import { createHmac, generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { createTokenVerifier } from '../../../src/access/bearer-tokens.ts';
import { TokenIssuers, TokenIssuersText } from '../../../src/access/model/token-issuer.ts';

const issuer = 'https://id.example.org';
const audience = 'https://orchestrator.example.org/mcp';
const start = Date.parse('2026-06-01T12:00:00Z');
const seconds = start / 1000;

const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const keys = { right: rsa(), other: rsa(), next: rsa() };
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const claims = {
  iss: issuer,
  aud: audience,
  sub: 'ann',
  iat: seconds - 60,
  exp: seconds + 600,
  roles: ['orchestrator-operators'],
};
const header = { alg: 'RS256', kid: 'one', typ: 'at+jwt' };

/** A token as anybody can put it together, with the signature of whoever signs. */
function token(
  changed: object = {},
  { head = {}, key = keys.right.privateKey }: { head?: object; key?: KeyObject } = {},
): string {
  const signed = `${base64({ ...header, ...head })}.${base64({ ...claims, ...changed })}`;
  return `${signed}.${signBytes('sha256', Buffer.from(signed), key).toString('base64url')}`;
}

function withHmac(head: object, secret: string): string {
  const signed = `${base64({ ...header, ...head })}.${base64(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const jwk = (key: KeyObject, kid: string) => ({ ...key.export({ format: 'jwk' }), kid, use: 'sig' });

let published: object[];
let reads: string[];
let broken: boolean;
let now: number;
let verify: ReturnType<typeof createTokenVerifier>;

const issuers = TokenIssuers.parse([
  {
    issuer,
    name: 'id',
    audiences: ['https://orchestrator.example.org', audience],
    roles: { 'orchestrator-operators': 'operator', 'orchestrator-admins': 'admin' },
  },
  { issuer: 'https://other.example.org', name: 'other', audiences: [audience], defaultRole: 'viewer' },
]);

beforeEach(() => {
  published = [jwk(keys.right.publicKey, 'one')];
  reads = [];
  broken = false;
  now = start;
  verify = createTokenVerifier({
    issuers,
    clock: { now: () => now },
    async read(url) {
      reads.push(url.href);
      if (broken) throw new Error('not reachable');
      const { origin, pathname } = url;
      if (pathname === '/.well-known/openid-configuration')
        return { status: 200, text: JSON.stringify({ issuer: origin, jwks_uri: `${origin}/jwks` }) };
      const found = origin === issuer ? published : [jwk(keys.other.publicKey, 'one')];
      return pathname === '/jwks'
        ? { status: 200, text: JSON.stringify({ keys: found }) }
        : { status: 404, text: '' };
    },
  });
});

describe('a token', () => {
  it('proves its subject, in the highest role that its claims give', async () => {
    expect(await verify(token())).toEqual({ id: 'id:ann', role: 'operator', by: 'oauth' });
    const roles = ['orchestrator-operators', 'orchestrator-admins'];
    expect(await verify(token({ roles }))).toMatchObject({ role: 'admin' });
    expect(await verify(token({ aud: ['https://else.example.org', audience] }))).toBeDefined();
    expect(await verify(token({ exp: seconds - 29, nbf: seconds + 29 }))).toBeDefined();
  });

  const other = { key: keys.other.privateKey };
  const pem = keys.right.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  it.each<readonly [string, string]>([
    ['has expired', token({ exp: seconds - 31 })],
    ['is not valid yet', token({ nbf: seconds + 31 })],
    ['was issued in the future', token({ iat: seconds + 31 })],
    ['lives longer than a day', token({ iat: seconds - 86_500, exp: seconds + 600 })],
    ['never expires', token({ exp: undefined })],
    ['does not say when it was issued', token({ iat: undefined })],
    ['is of nobody', token({ sub: undefined })],
    ['is of a subject that breaks lines', token({ sub: 'ann\nadmin' })],
    ['is for another audience', token({ aud: 'https://else.example.org' })],
    ['is for an audience that begins as ours', token({ aud: `${audience}/more` })],
    ['is for nobody', token({ aud: undefined })],
    ['is of an issuer that nobody named', token({ iss: 'https://evil.example.org' })],
    ['is of our issuer with a slash behind', token({ iss: `${issuer}/` })],
    ['names no issuer', token({ iss: undefined })],
    ['gives no role', token({ roles: ['readers'] })],
    ['gives a role by the name of what every object has', token({ roles: ['constructor', '__proto__'] })],
    ['is signed by somebody else', token({}, other)],
    ['is signed by the key of another issuer that is taken', token({ iss: issuer }, other)],
    ['of another issuer is signed by the key of ours', token({ iss: 'https://other.example.org' })],
    ['has alg none', `${base64({ ...header, alg: 'none' })}.${base64(claims)}.`],
    ['has alg none and a signature', token({}, { head: { alg: 'none' } })],
    ['has alg None', `${base64({ ...header, alg: 'None' })}.${base64(claims)}.`],
    ['has no signature', token().replace(/[^.]+$/, '')],
    ['is signed with the public key as a secret (key confusion)', withHmac({ alg: 'HS256' }, pem)],
    ['is signed with an empty secret', withHmac({ alg: 'HS256' }, '')],
    ['says another algorithm than its key is for', token({}, { head: { alg: 'ES256' } })],
    ['is signed with a key of another kind', token({}, { key: ec.privateKey, head: { alg: 'RS256' } })],
    ['has a kid that is a path', token({}, { head: { kid: '../../../../dev/null' }, ...other })],
    ['has a kid that is a query', token({}, { head: { kid: "one' OR '1'='1" }, ...other })],
    ['has a kid that is a url', token({}, { head: { kid: 'https://evil.example.org/jwks' }, ...other })],
    ['brings its key along', token({}, { head: { jwk: jwk(keys.other.publicKey, 'one') }, ...other })],
    ['says where its key is', token({}, { head: { jku: 'https://evil.example.org/jwks' }, ...other })],
    ['says where its certificate is', token({}, { head: { x5u: 'https://evil.example.org/x' }, ...other })],
    ['wants something critical', token({}, { head: { crit: ['evil'], evil: true } })],
    [
      'has other claims than were signed',
      token().replace(/\.[^.]+\./, `.${base64({ ...claims, roles: ['orchestrator-admins'] })}.`),
    ],
    ['is encrypted', `${base64({ alg: 'dir', enc: 'A256GCM' })}.${base64(claims)}.x.y.z`],
    ['is larger than any', token({ more: 'x'.repeat(20_000) })],
    ['is none', 'a.b.c'],
  ])('is refused when it %s', async (_what, forged) => {
    expect(await verify(token())).toBeDefined();
    expect(await verify(forged)).toBeUndefined();
    expect(reads.filter((url) => url.includes('evil'))).toEqual([]);
  });
});

describe('the keys of an issuer', () => {
  const next = { key: keys.next.privateKey, head: { kid: 'two' } };

  it('are read once, and again when a token has a new one, at most every 30 seconds', async () => {
    for (let turn = 0; turn < 5; turn += 1) await verify(token());
    expect(reads).toEqual([`${issuer}/.well-known/openid-configuration`, `${issuer}/jwks`]);
    published = [jwk(keys.next.publicKey, 'two')];
    now = start + 29_000;
    expect(await verify(token({}, next))).toBeUndefined();
    expect(reads).toHaveLength(2);
    now = start + 30_000;
    expect(await verify(token({}, next))).toBeDefined();
    expect(await verify(token())).toBeUndefined();
    expect(reads).toHaveLength(4);
  });

  it('that were taken away are not taken any more after ten minutes', async () => {
    const long = { exp: seconds + 3_600 };
    expect(await verify(token(long))).toBeDefined();
    published = [jwk(keys.next.publicKey, 'two')];
    now = start + 10 * 60_000;
    expect(await verify(token(long))).toBeUndefined();
  });

  it('of the last hour count while they cannot be read, and then nobody is let in', async () => {
    const long = { exp: seconds + 10_000 };
    expect(await verify(token(long))).toBeDefined();
    broken = true;
    now = start + 59 * 60_000;
    expect(await verify(token(long))).toBeDefined();
    now = start + 61 * 60_000;
    await expect(verify(token(long))).rejects.toThrow(/not reachable/);
    await expect(verify(token(long))).rejects.toThrow('The keys of https://id.example.org could not be read');
    broken = false;
    now = start + 62 * 60_000;
    expect(await verify(token(long))).toBeDefined();
  });
});

it.each([
  ['[{"issuer":"http://id.example.org","name":"a","audiences":["x"]}]', 'must be an https URL'],
  ['[{"issuer":"https://u:p@id.example.org","name":"a","audiences":["x"]}]', 'must be an https URL'],
  ['[{"issuer":"https://id.example.org","name":"a","audiences":[]}]', 'audiences'],
  [
    '[{"issuer":"https://id.example.org","name":"a","audiences":["x"],"algorithms":["HS256"]}]',
    'must be one of RS256',
  ],
  [
    '[{"issuer":"https://id.example.org","name":"a","audiences":["x"],"algorithms":["none"]}]',
    'must be one of RS256',
  ],
  ['[{"issuer":"https://id.example.org","name":"a","audiences":["x"],"roles":{"a":"Admin"}}]', 'roles'],
  ['[{"issuer":"https://id.example.org","name":"a","audiences":["x"],"audience":"y"}]', 'audience'],
  ['[{"issuer":"https://id.example.org","name":"user","audiences":["x"]}]', 'must be none of key and user'],
  ['nonsense', 'expected array'],
])('the configuration %s is refused', (text, why) => {
  const { success, error } = TokenIssuersText.safeParse(text);
  expect(success).toBe(false);
  expect(JSON.stringify(error?.issues)).toContain(why);
});
