/** Both stacks of a stage, checked by the AwsSolutions rules whenever they are synthesized. */
import { type App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { WorkflowDefinition } from '../src/domain/workflows/definition.ts';
import type { Deployment } from './deployment.ts';
import { DataStack } from './stacks/data-stack.ts';
import { ServiceStack } from './stacks/service-stack.ts';

export interface OrchestratorProps {
  readonly deployment: Deployment;
  readonly workflows: readonly WorkflowDefinition[];
  /** The folder that holds one bundle for each function. */
  readonly bundles: string;
}

export interface Stacks {
  readonly data: DataStack;
  readonly service: ServiceStack;
}

/** Adds the stacks `orchestrator-<stage>-data` and `orchestrator-<stage>` to the app, for any account and region. */
export function addOrchestrator(app: App, { deployment, workflows, bundles }: OrchestratorProps): Stacks {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const name = `orchestrator-${deployment.stage}`;
  const data = new DataStack(app, `${name}-data`, { description: 'Orchestrator Service: tables' });
  const { registry, executions } = data;
  const service = new ServiceStack(app, name, {
    description: 'Orchestrator Service',
    deployment,
    workflows,
    bundles,
    registry,
    executions,
  });
  Tags.of(app).add('orchestrator:stage', deployment.stage);
  return { data, service };
}
