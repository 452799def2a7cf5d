/** Under which name a call is counted. */
import { expect, it } from 'vitest';
import { nameOfCall } from '../../../../src/calling/model/name-of-call.ts';

it('a tool is counted by its name', () => {
  expect(nameOfCall({ service: 'gmail', tool: 'get_email', arguments: { id: '17' } })).toBe('get_email');
});

it.each([
  ['/', 'GET /'],
  ['/nodes', 'GET /nodes'],
  ['/nodes/17', 'GET /nodes/*'],
  ['/nodes/17/edges/a7f3', 'GET /nodes/*/edges/*'],
  ['/v1/users/ann@example.org/orders?limit=10#top', 'GET /v1/users/*/orders'],
  ['/files/report-final.pdf', 'GET /files/report-final.pdf'],
  [`/keys/${'k'.repeat(33)}`, 'GET /keys/*'],
  [`/${'word/'.repeat(60)}`, `GET /${'word/'.repeat(60)}`.slice(0, 128)],
])('a request to %s is counted as %s', (path, name) => {
  expect(nameOfCall({ service: 'graph', request: { method: 'GET', path } })).toBe(name);
});
