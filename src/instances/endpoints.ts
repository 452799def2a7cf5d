/** Gives the registry what it asks of instances. */
import type { Clock } from '../base/clock.ts';
import type { EndpointsOf } from '../registry/services/model/endpoints.ts';
import { credentialIn } from '../registry/services/model/route.ts';
import { instancesOf, isCallable } from './model/instances.ts';
import type { InstanceStore } from './store/instance-store.ts';

export const createEndpointsOf =
  ({ instances, clock }: { readonly instances: InstanceStore; readonly clock: Clock }): EndpointsOf =>
  async (service, options) => {
    const known = await instances.ofService(service, options);
    return (
      known && {
        versions: known.route.versions.map(({ version }) => version),
        endpoints: instancesOf(known, clock.now()).map(({ id, version, url, ...shown }) => ({
          id,
          version,
          url,
          callable: isCallable(shown),
          credential: credentialIn(known.route, version),
        })),
      }
    );
  };
