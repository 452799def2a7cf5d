/** What the operations of the registry work with. */
import type { AllowedCredential } from '../../transport/model/credential-policy.ts';
import type { RegistryContext } from '../context.ts';
import type { FindUpstream } from '../mcp-registry/upstream.ts';
import type { DriverRules } from '../services/check-driver.ts';
import type { CatalogueContext } from '../tools/refresh-catalogue.ts';
import type { SearchTools } from '../tools/tool-search.ts';

export interface RegistryOperationContext extends RegistryContext, CatalogueContext {
  readonly catalogues: CatalogueContext['catalogues'];
  readonly searchTools: SearchTools;
  readonly driverRules: DriverRules;
  /** Which credentials services may have. */
  readonly credentialsAllowed: readonly AllowedCredential[];
  /** Asks the registry above this one; undefined where none is configured. */
  readonly findUpstream?: FindUpstream | undefined;
}
