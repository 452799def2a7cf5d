/** The stacks of a stage, checked by the AwsSolutions rules whenever they are synthesized. */
import { createHash } from 'node:crypto';
import { type App, FileSystem, type StackProps, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Manifest } from '../src/manifest/model/manifest.ts';
import type { WorkflowDefinition } from '../src/workflows/definition/definition.ts';
import type { ApiUrl } from './constructs/api-gateway.ts';
import { notDeployed } from './constructs/service-function.ts';
import type { Settings } from './settings.ts';
import { ApiStack } from './stacks/api-stack.ts';
import { DataStack } from './stacks/data-stack.ts';
import { MonitoringStack } from './stacks/monitoring-stack.ts';
import { WorkflowsStack } from './stacks/workflows-stack.ts';

export interface OrchestratorProps {
  readonly settings: Settings;
  readonly manifest: Manifest;
  /** The manifest's workflows with every default filled in, ready to compile. */
  readonly workflows: readonly WorkflowDefinition[];
  /** The folder that holds one bundle for each function. */
  readonly bundles: string;
  /** Where the API answers, if not where AWS lets it: on emulators. */
  readonly apiUrl?: ApiUrl;
}

export interface Stacks {
  readonly data: DataStack;
  readonly workflows: WorkflowsStack;
  readonly api: ApiStack;
  readonly monitoring: MonitoringStack;
}

/** Adds the stacks `orchestrator-<stage>-data`, `-workflows`, `-api` and `-monitoring` to the app. */
export function addOrchestrator(app: App, props: OrchestratorProps): Stacks {
  const { settings, manifest, bundles } = props;
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const named = (part: string): [App, string] => [app, `orchestrator-${settings.stage}-${part}`];
  const env = environmentOf(settings);
  const data = new DataStack(...named('data'), {
    ...env,
    description: describe('tables'),
    keepData: settings.keepData,
  });
  const { registry, instances, executions, telemetry, access, audit } = data;
  const stage = {
    settings,
    bundles,
    registry,
    instances,
    executions,
    telemetry,
    audit,
    fingerprint: fingerprintOf(props),
  };
  const workflows = new WorkflowsStack(...named('workflows'), {
    ...env,
    ...stage,
    description: describe('functions and state machines of workflows'),
    manifest,
    workflows: props.workflows,
  });
  const api = new ApiStack(...named('api'), {
    logGroups: workflows.logGroups,
    ...env,
    ...stage,
    access,
    description: describe('API'),
    runStep: workflows.functions.runStep.function,
    machineRole: workflows.machines.role,
    healthChecks: workflows.healthChecks,
    apiUrl: props.apiUrl,
  });
  // The smoke check runs a workflow of the manifest.
  api.addStackDependency(workflows);
  const monitoring = new MonitoringStack(...named('monitoring'), {
    ...env,
    description: describe('alarms and dashboard'),
    settings,
    lostEvents: workflows.events.lostEvents,
    rest: api.gateway.rest,
    runStep: workflows.functions.runStep,
    recordExecution: workflows.functions.recordExecution,
    api: api.functions.api,
    lifecycle: workflows.lifecycle.scheduled,
    unattended: [
      workflows.functions.undo,
      workflows.runTimeMachines.checkMachines,
      workflows.serviceRefresh.scheduled,
      workflows.lifecycle.scheduled,
      workflows.delivery.scheduled,
    ],
    checkHealth: workflows.healthChecks.scheduled,
    // That of keys is read once in five minutes for each key: not worth two alarms of the $3 that an idle stage may cost.
    tables: [registry, instances, executions],
    telemetry,
  });
  // Dashboards take no tags (cfn-lint E3002).
  Tags.of(app).add('orchestrator:stage', settings.stage, {
    excludeResourceTypes: ['AWS::CloudWatch::Dashboard'],
  });
  return { data, workflows, api, monitoring };
}

const describe = (what: string): string => `Orchestrator Service: ${what}`;

function environmentOf({ account, region }: Settings): Pick<StackProps, 'env'> {
  return { env: { ...(account !== undefined && { account }), ...(region !== undefined && { region }) } };
}

/** Another text whenever code, settings or the manifest are: what makes CloudFormation check a deployment again. */
function fingerprintOf({ settings, manifest, bundles }: OrchestratorProps): string {
  const parts = [FileSystem.fingerprint(bundles, { exclude: notDeployed }), settings, manifest];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
