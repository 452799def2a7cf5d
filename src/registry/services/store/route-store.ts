/**
 * Routes in the table of instances: item of pk `SERVICE#<name>`, sk `ROUTE`. The instances of the service have the same
 * pk, so a route that goes takes them with it. Index 1: `DRIVEN` by service, where something starts and stops instances.
 */
import type { Item } from '../../../aws/documents.ts';
import type { Table } from '../../../aws/table.ts';
import type { Route } from '../model/route.ts';

export const partition = (service: string) => `SERVICE#${service}`;
/** Of what is about instances that are started and stopped, so that all such services are found. */
export const drivenKey = (service: string) => ({ gsi1pk: 'DRIVEN', gsi1sk: service });
const routeKey = (service: string) => ({ pk: partition(service), sk: 'ROUTE' });

export type RouteStore = ReturnType<typeof createRouteStore>;

export function createRouteStore(table: Table) {
  return {
    /** A route that is older than the one that is there changes nothing. */
    async put(service: string, route: Route): Promise<void> {
      await table.put(
        {
          ...routeKey(service),
          schemaVersion: 1,
          ...route,
          ...(route.versions.some(({ driven }) => driven === true) && drivenKey(service)),
        },
        {
          expression: 'attribute_not_exists(pk) OR revision < :revision',
          values: { ':revision': route.revision },
        },
      );
    },
    /**
     * Removes the route, unless a newer registration has written its own, and every instance that registered itself. Those
     * that were started stay until they are stopped.
     */
    async remove(service: string, revision: number): Promise<void> {
      const removed = await table.delete(routeKey(service), {
        expression: 'attribute_not_exists(pk) OR revision <= :revision',
        values: { ':revision': revision },
      });
      if (!removed) return;
      const left = await table.queryAll({
        pk: partition(service),
        beginsWith: 'INSTANCE#',
        consistent: true,
      });
      await Promise.all(left.map((item) => table.delete(placeKey(item))));
    },
  };
}

const placeKey = ({ pk, sk }: Item) => ({ pk: String(pk), sk: String(sk) });
