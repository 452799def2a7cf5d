/** Where each operation is found, for surfaces that load it only then. Generated into docs/routes.json. */
import type { Operation, OperationRoute } from '../operation/operation.ts';

const operationToRoute = ({ id, http, access, resource }: Operation): OperationRoute => ({
  id,
  method: http.method,
  path: http.path,
  access,
  ...(resource && { resource }),
});

export const renderRoutes = (operations: readonly Operation[]): OperationRoute[] =>
  operations.map(operationToRoute);
