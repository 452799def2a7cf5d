import { expect, it } from 'vitest';
import { includesRole, type Role } from '../../../src/access/model/access.ts';

it.each<[Role, Role, boolean]>([
  ['viewer', 'viewer', true],
  ['viewer', 'operator', false],
  ['operator', 'viewer', true],
  ['operator', 'admin', false],
  ['admin', 'operator', true],
])('%s has the rights of %s: %s', (role, needed, included) => {
  expect(includesRole(role, needed)).toBe(included);
});
