/** What runs workflows: functions, state machines, events, and the manifest in the registry. It can be made again. */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Manifest as ManifestContent } from '../../src/manifest/model/manifest.ts';
import type { WorkflowDefinition } from '../../src/workflows/definition/definition.ts';
import { Events } from '../constructs/events.ts';
import { ExecutionEvents } from '../constructs/execution-events.ts';
import type { StageProps } from '../constructs/function-factory.ts';
import { HealthChecks } from '../constructs/health-checks.ts';
import { Lifecycle } from '../constructs/lifecycle.ts';
import { Manifest } from '../constructs/manifest.ts';
import { RunTimeMachines } from '../constructs/run-time-machines.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { ServiceRefresh } from '../constructs/service-refresh.ts';
import { WorkflowFunctions } from '../constructs/workflow-functions.ts';
import { UndoMachine, WorkflowMachines } from '../constructs/workflow-machines.ts';

export interface WorkflowsStackProps extends StackProps, StageProps {
  readonly manifest: ManifestContent;
  /** The manifest's workflows with every default filled in, ready to compile. */
  readonly workflows: readonly WorkflowDefinition[];
  readonly fingerprint: string;
}

export class WorkflowsStack extends Stack {
  readonly functions: WorkflowFunctions;
  readonly machines: WorkflowMachines;
  readonly events: ExecutionEvents;
  readonly runTimeMachines: RunTimeMachines;
  readonly lifecycle: Lifecycle;
  readonly delivery: Events;
  readonly serviceRefresh: ServiceRefresh;
  readonly healthChecks: HealthChecks;

  /** Of all its functions. */
  get logGroups(): LogGroup[] {
    const functions = this.node.findAll().filter((one) => one instanceof ServiceFunction);
    return functions.map(({ logGroup }) => logGroup);
  }

  constructor(scope: Construct, id: string, props: WorkflowsStackProps) {
    super(scope, id, props);
    const { stage } = props.settings;
    this.functions = new WorkflowFunctions(this, 'Functions', props);
    const { runStep, undo, recordExecution, sweep } = this.functions;
    this.machines = new WorkflowMachines(this, 'Workflows', { stage, workflows: props.workflows, runStep });
    new UndoMachine(this, 'Undo', { stage, undo });
    this.events = new ExecutionEvents(this, 'Events', { stage, recordExecution, sweep });
    this.lifecycle = new Lifecycle(this, 'Lifecycle', props);
    this.delivery = new Events(this, 'Delivery', props);
    this.serviceRefresh = new ServiceRefresh(this, 'ServiceRefresh', props);
    this.healthChecks = new HealthChecks(this, 'HealthChecks', props);
    for (const calling of [runStep, undo]) this.healthChecks.mayHasten(calling);
    const manifest = new Manifest(this, 'Manifest', { ...props, runStep });
    manifest.node.addDependency(this.machines);
    this.runTimeMachines = new RunTimeMachines(this, 'RunTimeMachines', {
      ...props,
      runStep,
      workflows: this.machines,
    });
  }
}
