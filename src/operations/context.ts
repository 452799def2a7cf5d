/** What operations work with. Everything that touches the world comes in here. */
import type { Outgoing } from '../clients/late-outgoing.ts';
import type { ExecutionContext } from '../executions/context.ts';
import type { RegistryContext } from '../registry/context.ts';
import type { AppliedManifestStore } from '../stores/applied-manifest.ts';

export interface OperationContext extends ExecutionContext, RegistryContext {
  /** What calls services, loaded by those that do. */
  readonly outgoing: () => Promise<Outgoing>;
  /** What the manifest that was applied last named. */
  readonly appliedManifest: AppliedManifestStore;
  /** The workflow that a start without a name means. */
  readonly defaultWorkflow: string | undefined;
  /** Machines that are created at run time carry this prefix, and run under this one role. */
  readonly machinePrefix: string;
  readonly machineRoleArn: string;
  readonly runStepFunction: string;
}
