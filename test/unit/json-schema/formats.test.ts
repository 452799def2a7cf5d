import { describe, expect, it } from 'vitest';
import { hasFormat } from '../../../src/json-schema/model/formats.ts';

/** Of each format, values that are of it, and values that are not. */
const known: Readonly<Record<string, readonly [readonly unknown[], readonly unknown[]]>> = {
  byte: [
    ['', 'YQ=='],
    ['YQ=', 'Y Q='],
  ],
  date: [
    ['2024-02-29', '2026-12-31'],
    ['2023-02-29', '2026-13-01', '2026-1-1', '2026-04-31'],
  ],
  'date-time': [
    [
      '2026-11-24T10:00:00Z',
      '2026-11-24t10:00:00.5+02:00',
      '1998-12-31T23:59:60Z',
      '1998-12-31T15:59:60-08:00',
    ],
    [
      '2026-11-24',
      '2026-11-24T10:00:00',
      '2026-11-24T24:00:00Z',
      '2026-11-24T22:59:60Z',
      '2026-02-30T10:00:00Z',
    ],
  ],
  duration: [
    ['P1Y2M3DT4H5M6S', 'PT36H', 'P4W'],
    ['P', 'PT', '1D', 'P1D4W', 'P1S'],
  ],
  email: [
    ['a.b+c@example.org', 'a@b'],
    ['a', '@b', 'a@', 'a..b@c', '.a@b', 'a b@c'],
  ],
  hostname: [
    ['example.org', 'a-b.c', 'x'.repeat(63)],
    ['', '-a', 'a-', 'a..b', 'x'.repeat(64), 'a_b'],
  ],
  int32: [
    [0, 2147483647, -2147483648],
    [2147483648, 0.5],
  ],
  int64: [[4294967296], [0.5]],
  ipv4: [
    ['192.168.0.1', '255.255.255.255'],
    ['256.0.0.1', '1.2.3', '01.2.3.4', '1.2.3.4.5'],
  ],
  ipv6: [
    ['::', '::1', '1::', 'fe80::a:b', '1:2:3:4:5:6:7:8', '::ffff:192.0.2.1', '1:2:3:4:5:6:1.2.3.4'],
    [
      '',
      ':',
      '1',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1::2::3',
      ':::',
      '12345::',
      '::1.2.3',
      '1.2.3.4::',
      '1:2:3:4:5:6:7::8',
    ],
  ],
  'iso-date-time': [['2026-11-24T10:00:00'], ['2026-11-24']],
  'iso-time': [['10:00:00'], ['10:00']],
  'json-pointer': [
    ['', '/a/b~0~1', '/'],
    ['a', '/~2', '#/a'],
  ],
  'json-pointer-uri-fragment': [
    ['#', '#/a%25b'],
    ['/a', '#a'],
  ],
  regex: [['^(a|b)+$'], ['(']],
  'relative-json-pointer': [
    ['0', '1/a', '2#'],
    ['/a', '-1', '01', '1a'],
  ],
  time: [
    ['10:00:00Z', '10:00:00.123+05:30'],
    ['10:00:00', '25:00:00Z', '10:60:00Z', '10:00:00+24:00', '10:00:00+05'],
  ],
  uri: [
    ['https://user@example.org:8080/a?b=c#d', 'mailto:a@b.example', 'urn:isbn:1', 'http://[::1]/'],
    ['a/b', '//a', 'http://a b', 'http://a/%zz', 'http://a/<b>', '1a:b'],
  ],
  'uri-reference': [
    ['', '../a?b#c', '//a/b', 'https://a'],
    ['a b', '%', ':a'],
  ],
  'uri-template': [
    ['https://a/{b}/{?c,d*}', 'a'],
    ['{', '{a', '{a b}', '}'],
  ],
  url: [['https://a.example/b'], ['a', 'javascript:alert(1)']],
  uuid: [
    ['0f8fad5b-d9cb-469f-a165-70867728950e', '0F8FAD5B-D9CB-469F-A165-70867728950E'],
    ['0f8fad5b', '0f8fad5bd9cb469fa16570867728950e'],
  ],
};

describe.each(Object.entries(known))('the format %s', (format, [right, wrong]) => {
  it.each(right.map((value) => [value]))('takes %j', (value) => {
    expect(hasFormat(format, value)).toBe(true);
  });
  it.each(wrong.map((value) => [value]))('refuses %j', (value) => {
    expect(hasFormat(format, value)).toBe(false);
  });
  it('says nothing of other values', () => {
    expect([null, true, {}, []].every((value) => hasFormat(format, value))).toBe(true);
  });
});

it.each(['constructor', 'toString', '__proto__', 'of-mine'])(
  'the format %s is not known and takes anything',
  (format) => {
    expect([hasFormat(format, 'a'), hasFormat(format, 1)]).toEqual([true, true]);
  },
);
