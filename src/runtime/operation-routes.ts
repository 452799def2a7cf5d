/** Where each operation is found, as the generator wrote it. */
import generated from '../../docs/routes.json' with { type: 'json' };
import { Role } from '../access/model/access.ts';
import type { OperationRoute } from '../operation/operation.ts';

export const operationRoutes: readonly OperationRoute[] = generated.map(({ access, ...route }) => ({
  ...route,
  access: Role.parse(access),
}));
