/** Definitions by version, read and parsed once: a version never changes. */
import { RecentMap } from '../base/recent-map.ts';
import { WorkflowDefinition } from './definition/definition.ts';
import type { WorkflowStore } from './store/workflow-store.ts';

/** Of a megabyte at most, and a few KB mostly. */
const mostKept = 50;

interface Versioned {
  readonly workflow: string;
  readonly version: number;
}

export type KeptDefinitions = ReturnType<typeof keepDefinitions>;

export function keepDefinitions(workflows: Pick<WorkflowStore, 'version'>) {
  const kept = new RecentMap<string, WorkflowDefinition>(mostKept);
  return {
    /** Undefined when it is no longer kept. */
    async of({ workflow, version }: Versioned): Promise<WorkflowDefinition | undefined> {
      const key = `${workflow}@${version}`;
      const known = kept.get(key);
      if (known !== undefined) return known;
      const found = await workflows.version(workflow, version);
      if (found === undefined) return undefined;
      const definition = WorkflowDefinition.parse(found.definition);
      kept.set(key, definition);
      return definition;
    },
  };
}
