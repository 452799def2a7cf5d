/** Outgoing calls as the configuration of a function allows them, with the credentials that it may read. */

import type { CredentialSources } from '../../transport/credentials/credential-values.ts';
import {
  type CredentialsOver,
  createEgress,
  type Egress,
  type EgressOptions,
} from '../../transport/egress.ts';
import { systemClock } from '../clock-and-ids.ts';
import type { CallsOut } from '../config.ts';

type Own = Pick<EgressOptions, 'endings'>;

export const egressOf = (config: CallsOut, own: Own = {}): Egress =>
  createEgress({ ...egressOptionsOf(config), ...own });

export const egressOptionsOf = (config: CallsOut) => ({
  policy: { allowedNetworks: config.EGRESS_ALLOWED_NETWORKS },
  credentials: credentialsOf(config),
});

/** Undefined where none may be read. What reads them is loaded with the first call that needs one. */
function credentialsOf(config: CallsOut): CredentialsOver | undefined {
  const { CREDENTIALS_ALLOWED: allowed = [] } = config;
  if (allowed.length === 0) return undefined;
  return async (send) => {
    const { sendingWith } = await import('../../transport/credentials/send-authorized.ts');
    const sources = config.CREDENTIAL_SOURCES ?? (await sourcesOnAws(config));
    return await sendingWith({ allowed, sources, clock: systemClock })(send);
  };
}

async function sourcesOnAws(config: CallsOut): Promise<CredentialSources> {
  const { createStoresOnAws } = await import('../credential-stores.ts');
  return createStoresOnAws(config);
}
