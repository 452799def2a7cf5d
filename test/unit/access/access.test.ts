import { expect, it } from 'vitest';
import { type Role, requireRole } from '../../../src/access/model/access.ts';

it.each<[Role, Role]>([
  ['viewer', 'viewer'],
  ['operator', 'viewer'],
  ['admin', 'operator'],
])('%s may do what needs %s', (role, needed) => {
  expect(() => requireRole({ role }, needed, 'cancel_workflow')).not.toThrow();
});

it.each<[Role, Role]>([
  ['viewer', 'operator'],
  ['operator', 'admin'],
])('%s may not do what needs %s, and is told so', (role, needed) => {
  expect(() => requireRole({ role }, needed, 'cancel_workflow')).toThrow(
    expect.objectContaining({
      code: 'access.denied',
      message: `cancel_workflow needs the role ${needed}; you have ${role}`,
    }),
  );
});
