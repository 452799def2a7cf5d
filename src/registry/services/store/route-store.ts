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

/** `told` hears of each service whose route is another one than before. */
export function createRouteStore(table: Table, told: (service: string) => void = () => {}) {
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
      told(service);
    },
    /**
     * Removes the route, unless a newer registration has written its own, with every instance that registered itself and
     * what health checks say. Those that were started stay until they are stopped.
     */
    async remove(service: string, revision: number): Promise<void> {
      const gone = await table.delete(routeKey(service), {
        expression: 'attribute_not_exists(pk) OR revision <= :revision',
        values: { ':revision': revision },
      });
      if (!gone) return;
      const left = await table.queryAll({ pk: partition(service), consistent: true });
      const removed = left.filter(({ sk }) =>
        leavesWithRoute.some((prefix) => String(sk).startsWith(prefix)),
      );
      await Promise.all(removed.map((item) => table.delete(placeKey(item))));
      told(service);
    },
  };
}

const leavesWithRoute = ['INSTANCE#', 'HEALTH#'];

const placeKey = ({ pk, sk }: Item) => ({ pk: String(pk), sk: String(sk) });
