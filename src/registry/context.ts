/** What the registry works with: stores, and the clock and randomness that come in. */
import type { Clock } from '../base/clock.ts';
import type { Edges } from './dependencies/model/graph.ts';
import type { GraphStore } from './dependencies/store/graph-store.ts';
import type { EndpointsOf } from './services/model/endpoints.ts';
import type { RouteStore } from './services/store/route-store.ts';
import type { ServiceStore } from './services/store/service-store.ts';
import type { CatalogueStore } from './tools/store/catalogue-store.ts';

export interface RegistryContext {
  readonly services: ServiceStore;
  readonly routes: RouteStore;
  readonly endpointsOf: EndpointsOf;
  /** Who needs whom. */
  readonly graph: GraphStore;
  /** What a workflow needs, as its record says; nothing when there is no such workflow. */
  readonly edgesOfWorkflow: (name: string) => Promise<Edges>;
  /** What is known of the tools of services; who removes or applies services has it. */
  readonly catalogues?: CatalogueStore | undefined;
  readonly clock: Clock;
  /** At least 0, less than 1. */
  readonly random: () => number;
}
