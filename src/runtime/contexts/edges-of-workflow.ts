/** What a workflow needs, as its record says, for the registry that asks. */
import { late } from '../../base/late.ts';
import type { WorkflowStore } from '../../workflows/store/workflow-store.ts';

export const lateEdgesOf = (workflows: WorkflowStore) =>
  late(async () => {
    const { edgesOfWorkflow } = await import('../../workflows/model/workflow-edges.ts');
    return async (name: string) => edgesOfWorkflow(await workflows.head(name));
  });
