/** Where a service can be called, as far as the registry asks; whoever knows the instances answers. */
import type { Credential } from '../../../transport/model/credential.ts';

export interface Endpoint {
  /** Of the instance. */
  readonly id: string;
  readonly version: string;
  readonly url: string;
  readonly callable: boolean;
  /** What requests to it carry. */
  readonly credential?: Credential | undefined;
}

export interface Endpoints {
  /** The registered versions, also those without an endpoint. */
  readonly versions: readonly string[];
  readonly endpoints: readonly Endpoint[];
}

/** Undefined when there is no such service. */
export type EndpointsOf = (
  service: string,
  options?: { readonly consistent?: boolean },
) => Promise<Endpoints | undefined>;
