/** What planning and applying manifests works with. */

import type { DriverRules } from '../registry/services/check-driver.ts';
import type { AllowedCredential } from '../transport/model/credential-policy.ts';
import type { DefinitionContext, MachineContext } from '../workflows/context.ts';
import type { AppliedManifestStore } from './store/applied-manifest-store.ts';

export interface ManifestContext extends DefinitionContext, MachineContext {
  /** What the manifest that was applied last named. */
  readonly appliedManifest: AppliedManifestStore;
}

export interface ManifestOperationContext extends ManifestContext {
  /** Which drivers a caller may name. */
  readonly driverRules: DriverRules;
  /** Which credentials services may have. */
  readonly credentialsAllowed: readonly AllowedCredential[];
}
