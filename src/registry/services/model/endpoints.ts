/** Where a service can be called, as far as the registry asks; whoever knows the instances answers. */

export interface Endpoint {
  /** Of the instance. */
  readonly id: string;
  readonly version: string;
  readonly url: string;
  readonly callable: boolean;
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
