/** What operations work with. Everything that touches the world comes in here. */
import type { Outgoing } from '../clients/late-outgoing.ts';
import type { EvaluateApart } from '../domain/workflows/bounded-expression.ts';
import type { ExecutionContext } from '../executions/context.ts';
import type { CallGuard } from '../registry/call-guard.ts';
import type { RegistryContext } from '../registry/context.ts';
import type { CatalogueContext } from '../registry/refresh-catalogue.ts';
import type { ResolveService } from '../registry/resolve-service.ts';
import type { SearchTools } from '../registry/tool-search.ts';
import type { FindUpstream } from '../registry/upstream.ts';
import type { AppliedManifestStore } from '../stores/applied-manifest.ts';

export interface OperationContext extends ExecutionContext, RegistryContext {
  readonly guard: CallGuard;
  readonly resolveService: ResolveService;
  readonly catalogues: CatalogueContext['catalogues'];
  readonly searchTools: SearchTools;
  /** Evaluates an expression as Step Functions would, where nothing is run. Rejects with what JSONata threw. */
  readonly evaluateNative: EvaluateApart;
  /** What calls services, loaded by those that do. */
  readonly outgoing: () => Promise<Outgoing>;
  /** What the manifest that was applied last named. */
  readonly appliedManifest: AppliedManifestStore;
  /** Asks the registry above this one; undefined where none is configured. */
  readonly findUpstream?: FindUpstream | undefined;
  /** The workflow that a start without a name means. */
  readonly defaultWorkflow: string | undefined;
  /** Machines that are created at run time carry this prefix, and run under this one role. */
  readonly machinePrefix: string;
  readonly machineRoleArn: string;
  readonly runStepFunction: string;
}
