import { expect, it } from 'vitest';
import { instanceOf } from '../../../../src/instances/model/instances.ts';
import { ServiceRegistration } from '../../../../src/registry/services/model/service-registration.ts';
import { normaliseUrl } from '../../../../src/registry/services/model/service-terms.ts';

const registration = (changes: object) =>
  ServiceRegistration.safeParse({ name: 'gmail', transport: 'mcp', url: 'http://127.0.0.1:1', ...changes });

it('adds /mcp to an mcp url without a path, and to no other', () => {
  expect(normaliseUrl('mcp', 'http://127.0.0.1:8001')).toBe('http://127.0.0.1:8001/mcp');
  expect(normaliseUrl('mcp', 'http://127.0.0.1:8001/other')).toBe('http://127.0.0.1:8001/other');
  expect(normaliseUrl('rest', 'http://127.0.0.1:8001')).toBe('http://127.0.0.1:8001/');
});

it('names the instance by service and host', () => {
  expect(instanceOf({ name: 'gmail', url: 'http://127.0.0.1:8001/mcp' })).toBe('gmail@127.0.0.1:8001');
});

it.each([
  [{ name: 'Gmail' }],
  [{ url: 'ftp://host' }],
  [{ url: 'http://user:secret@host' }],
  [{ url: 'http://host/#part' }],
  [{ version: '1.0' }],
  [{ transport: 'soap' }],
  [{ other: 1 }],
])('refuses %j', (changes) => {
  expect(registration({}).success).toBe(true);
  expect(registration(changes).success).toBe(false);
});
