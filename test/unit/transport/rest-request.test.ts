import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestFaults } from '../../../src/transport/model/request-faults.ts';
import { forwardedHeaders, restUrl } from '../../../src/transport/rest/rest-request.ts';

const get = { method: 'GET', path: '/' };
const base = new URL('https://service.example/api/v2/');

describe('the url of a REST request', () => {
  it.each([
    ['/', 'https://service.example/api/v2/'],
    ['/items/7', 'https://service.example/api/v2/items/7'],
    ['/items/a b', 'https://service.example/api/v2/items/a%20b'],
    ['/items?a=1&b=%20', 'https://service.example/api/v2/items?a=1&b=+'],
    ['/items/...', 'https://service.example/api/v2/items/...'],
    ['/@other.example/', 'https://service.example/api/v2/@other.example/'],
    ['/a?next=/../x', 'https://service.example/api/v2/a?next=%2F..%2Fx'],
  ])('for the path %s is %s', (path, href) => {
    expect(requestFaults({ ...get, path })).toEqual([]);
    expect(restUrl(base, { path }).href).toBe(href);
  });

  it.each([
    'items',
    '',
    'https://other.example/',
    '//other.example/',
    '/\\other.example',
    '/../admin',
    '/a/../../admin',
    '/a/.',
    '/%2e%2e/admin',
    '/.%2E/admin',
    '/a%2f..%2f..%2fadmin',
    '/a/..%5cadmin',
    '/.\t./admin',
    '/a#b',
    '/%zz',
  ])('is refused for the path %j', (path) => {
    expect(requestFaults({ ...get, path })).toMatchObject([{ path: 'request.path' }]);
  });

  it('stays on its host and below its base path for every path that is taken', () => {
    const piece = fc.constantFrom(
      '/',
      '..',
      '.',
      '%2e',
      '%2f',
      '%5c',
      '\\',
      '@',
      ':',
      '?',
      '#',
      'a',
      '\t',
      '//',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const path = `/${pieces.join('')}`;
        fc.pre(requestFaults({ ...get, path }).length === 0);
        const url = restUrl(base, { path });
        expect(url.origin).toBe('https://service.example');
        expect(url.pathname.startsWith('/api/v2/')).toBe(true);
      }),
    );
  });

  it('repeats arrays, leaves out null, and refuses objects', () => {
    const query = { t: ['x', 1, null], none: null, yes: true };
    expect(requestFaults({ ...get, query })).toEqual([]);
    expect(restUrl(base, { path: '/a', query }).search).toBe('?t=x&t=1&yes=true');
    expect(requestFaults({ ...get, query: { odd: { a: 1 }, list: [1, []] } })).toEqual([
      { path: 'request.query.odd', message: 'is an object with "a", expected text, a number, true or false' },
      { path: 'request.query.list[1]', message: 'is an empty array, expected text, a number, true or false' },
    ]);
  });
});

describe('a header of a workflow', () => {
  it.each([
    'Accept',
    'Accept-Language',
    'If-Match',
    'Prefer',
    'traceparent',
    'X-Api-Key',
    'x-tenant',
    'X-Request-Id',
  ])('%s is forwarded', (name) => {
    expect(requestFaults({ ...get, headers: { [name]: 'v' } })).toEqual([]);
    expect(forwardedHeaders({ [name]: 'v' })).toEqual({ [name.toLowerCase()]: 'v' });
  });

  it.each([
    'Host',
    'Content-Length',
    'Connection',
    'Transfer-Encoding',
    'TE',
    'Upgrade',
    'Expect',
    'Authorization',
    'Cookie',
    'Proxy-Authorization',
    'Idempotency-Key',
    'Accept-Encoding',
    'Origin',
    'Forwarded',
    'X-Forwarded-For',
    'X-Forwarded',
    'X-Real-IP',
    'X-Amz-Security-Token',
    'x-amzn-trace-id',
    'X-HTTP-Method-Override',
    'X-Original-URL',
    'x tenant',
    'x-ten:ant',
    '',
  ])('%s is refused', (name) => {
    expect(requestFaults({ ...get, headers: { [name]: 'v' } })).toMatchObject([
      { message: 'this header may not be set by a workflow' },
    ]);
  });

  it.each([
    [
      'x-a',
      'a\r\nhost: b',
      'has U+000D at position 1, and a header is sent as printable ASCII; encode it, as with $encodeUrlComponent',
    ],
    [
      'x-a',
      'grün',
      'has "ü" (U+00FC) at position 2, and a header is sent as printable ASCII; encode it, as with $encodeUrlComponent',
    ],
    ['x-a', { a: 1 }, 'is an object with "a", expected text, a number, true or false'],
    ['content-type', 'text/xml', 'is the text "text/xml", expected a type of JSON: a body is sent as JSON'],
  ])('%s with the value %j is refused: %s', (name, value, message) => {
    expect(requestFaults({ ...get, headers: { [name]: value } })).toEqual([
      { path: `request.headers.${name}`, message },
    ]);
  });

  it('may say which kind of JSON the body is, be a number, or be left out', () => {
    const given = { 'Content-Type': 'application/merge-patch+json', 'X-Count': 3, 'X-None': null };
    expect(forwardedHeaders(given)).toEqual({
      'content-type': 'application/merge-patch+json',
      'x-count': '3',
    });
  });
});
