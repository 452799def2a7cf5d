/** Where each operation is found, for surfaces that load it only then. Generated into docs/routes.json. */
import type { Operation, OperationPlace } from '../operations/operation.ts';

const operationToPlace = ({ id, http, resource }: Operation): OperationPlace => ({
  id,
  method: http.method,
  path: http.path,
  ...(resource && { resource }),
});

export const renderPlaces = (operations: readonly Operation[]): OperationPlace[] =>
  operations.map(operationToPlace);
