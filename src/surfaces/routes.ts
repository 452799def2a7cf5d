/** Where each operation is found, for surfaces that load it only then. Generated into docs/routes.json. */
import type { Operation, OperationRoute } from '../operation/operation.ts';

const operationToRoute = ({ id, http, resource }: Operation): OperationRoute => ({
  id,
  method: http.method,
  path: http.path,
  ...(resource && { resource }),
});

export const renderRoutes = (operations: readonly Operation[]): OperationRoute[] =>
  operations.map(operationToRoute);
