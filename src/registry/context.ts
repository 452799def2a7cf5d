/** What the registry ring works with: stores, and the clock and randomness that come in. */
import type { Clock } from '../domain/clock.ts';
import type { CatalogueStore } from '../stores/catalogues.ts';
import type { GraphStore } from '../stores/graph.ts';
import type { InstanceStore } from '../stores/instances.ts';
import type { ServiceStore } from '../stores/services.ts';
import type { WorkflowStore } from '../stores/workflows.ts';

export interface RegistryContext {
  readonly services: ServiceStore;
  readonly instances: InstanceStore;
  readonly workflows: WorkflowStore;
  /** Who needs whom. */
  readonly graph: GraphStore;
  /** What is known of the tools of services; who removes or applies services has it. */
  readonly catalogues?: CatalogueStore | undefined;
  readonly clock: Clock;
  /** At least 0, less than 1. */
  readonly random: () => number;
}
