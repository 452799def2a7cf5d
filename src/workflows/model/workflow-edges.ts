/** What a workflow needs, as edges of the graph: nothing, once it is archived. */

import { type Edges, edgesOf, noEdges } from '../../registry/dependencies/model/graph.ts';
import { parseReference } from '../../registry/services/model/service-reference.ts';
import type { WorkflowHead } from './workflow-records.ts';

export type Needing = Pick<WorkflowHead, 'needs' | 'archivedAt'>;

export function edgesOfWorkflow(head: Needing | undefined): Edges {
  if (!head?.needs || head.archivedAt !== undefined) return noEdges;
  const services = head.needs.services.map((reference) => {
    const { name, versionRange } = parseReference(reference);
    return { service: name, versionRange, required: true, pending: false };
  });
  return edgesOf(services, head.needs.workflows);
}
