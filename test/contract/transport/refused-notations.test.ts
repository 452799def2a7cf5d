/**
 * Risk: an address that may not be called is reached under another of its names. Whatever URLs allow is tried: numbers in
 * other bases, addresses inside addresses, letters that become digits, and names that resolve to what they should not.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { startDeadline } from '../../../src/transport/deadline.ts';
import { createEgress } from '../../../src/transport/egress.ts';

/** What names resolve to: as an attacker's own zone would say. */
const zone: Readonly<Record<string, string>> = {
  'loopback.attacker.example': '127.0.0.1',
  '127.0.0.1.attacker.example': '127.0.0.1',
  'metadata.attacker.example': '169.254.169.254',
  'private.attacker.example': '10.0.0.8',
  'six.attacker.example': '::1',
  'mapped.attacker.example': '::ffff:169.254.169.254',
  'translated.attacker.example': '64:ff9b::7f00:1',
  'carrier.attacker.example': '100.64.0.1',
  localhost: '127.0.0.1',
  'localhost.': '127.0.0.1',
  'metadata.google.internal': '169.254.169.254',
};

const egress = createEgress({
  policy: { allowedNetworks: [] },
  resolve: async (name) => {
    const address = zone[name];
    if (address === undefined) throw new Error(`no such name ${name}`);
    return [{ address, family: address.includes(':') ? 6 : 4 }];
  },
});
afterAll(() => egress.close());

const hosts = {
  'loopback, in every way that a number can be written': [
    '127.0.0.1',
    '127.0.0.2',
    '127.1',
    '127.0.1',
    '127.255.255.254',
    '2130706433',
    '0x7f000001',
    '0x7F.0.0.1',
    '0x7f.0x0.0x0.0x1',
    '0177.0.0.1',
    '0177.0.0.01',
    '017700000001',
    '0x7f.1',
    '0177.1',
    '127.0x1',
    '127.000.000.001',
    '127.0.0.1.',
    '0x7f000001.',
    '%31%32%37.0.0.1',
    '127%2e0%2e0%2e1',
  ],
  'loopback, in letters that become digits': [
    '①②⑦.⓪.⓪.①',
    '127。0。0。1',
    '127｡0｡0｡1',
    '１２７.０.０.１',
    '⑫7.0.0.1',
    'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ',
    'ｌｏｃａｌｈｏｓｔ',
    'LOCALHOST',
    'localhost.',
    'localhost',
  ],
  'this host, under the address of none': [
    '0.0.0.0',
    '0',
    '0x0',
    '00.0.0.0',
    '0.0.0.1',
    '[::]',
    '[0:0:0:0:0:0:0:0]',
  ],
  'loopback in IPv6, and inside of it': [
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[0000:0000:0000:0000:0000:0000:0000:0001]',
    '[::0001]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[0:0:0:0:0:ffff:7f00:0001]',
    '[::127.0.0.1]',
    '[::7f00:1]',
    '[64:ff9b::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[64:ff9b:1::7f00:1]',
    '[2002:7f00:1::]',
    '[2002:7f00:0001::1]',
    '[2001:0:0:0:0:0:80ff:fffe]',
    '[fe80::1]',
    '[fc00::1]',
    '[fd12:3456:789a::1]',
    '[fec0::1]',
    '[ff02::1]',
    '[2001:db8::1]',
  ],
  'what clouds tell an instance of itself': [
    '169.254.169.254',
    '2852039166',
    '0xa9fea9fe',
    '0xa9.0xfe.0xa9.0xfe',
    '0251.0376.0251.0376',
    '025177524776',
    '169.254.43518',
    '169.16689662',
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]',
    '[64:ff9b::a9fe:a9fe]',
    '[2002:a9fe:a9fe::]',
    '[fd00:ec2::254]',
    '169.254.170.2',
    '100.100.100.200',
    '192.0.0.192',
    '168.63.129.16',
    'metadata.google.internal',
  ],
  'private and special ranges': [
    '10.0.0.1',
    '167772161',
    '0xa000001',
    '172.16.0.1',
    '172.31.255.254',
    '192.168.0.1',
    '3232235521',
    '0300.0250.0.1',
    '100.64.0.1',
    '198.18.0.1',
    '192.0.2.1',
    '203.0.113.9',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
  ],
  'names that resolve to one of these': Object.keys(zone).filter((name) => name.includes('attacker')),
};

const send = (url: URL) =>
  egress.send({
    subject: 'It',
    method: 'GET',
    repeating: 'safe',
    url,
    headers: {},
    deadline: startDeadline(5_000),
    maxBytes: 1_000,
  });

describe.each(Object.entries(hosts))('refused: %s', (_kind, notations) => {
  it.each(notations)('%s', async (host) => {
    // A parser that takes none of it has refused it as well.
    if (!URL.canParse(`http://${host}/`)) return expect(() => new URL(`http://${host}/`)).toThrow(TypeError);
    await expect(send(new URL(`http://${host}/`))).rejects.toMatchObject({
      code: 'service.address-refused',
    });
  });
});

it.each([
  'file:///etc/passwd',
  'ftp://example.com/',
  'gopher://example.com:70/_x',
  'dict://example.com:2628/d',
  'data:text/plain,x',
  'http://user@example.com/',
  'http://example.com:80@127.0.0.1/',
  'http://user:secret@example.com/',
])('refused: %s, whatever its host', async (url) => {
  await expect(send(new URL(url))).rejects.toMatchObject({ code: 'service.address-refused' });
});

it('these are more than eighty, and all but a few are urls', () => {
  const all = Object.values(hosts).flat();
  expect(new Set(all).size).toBe(all.length);
  expect(all.length).toBeGreaterThan(80);
  expect(all.filter((host) => !URL.canParse(`http://${host}/`)).length).toBeLessThan(5);
});
