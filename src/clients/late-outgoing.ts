/** Outgoing calls for those that seldom make one: what makes them is loaded with the first. */
import type { EgressPolicy } from './address-policy.ts';
import type { Egress } from './egress.ts';
import type { ServiceCaller } from './service-caller.ts';

export interface Outgoing {
  readonly egress: Egress;
  readonly caller: ServiceCaller;
}

export interface LateOutgoing {
  /** Loads it when it is first asked for. */
  get(): Promise<Outgoing>;
  close(): void;
}

async function load(policy: EgressPolicy): Promise<Outgoing> {
  const [{ createEgress }, { serviceCallerOver }] = await Promise.all([
    import('./egress.ts'),
    import('./service-caller.ts'),
  ]);
  const egress = createEgress({ policy });
  return { egress, caller: serviceCallerOver(egress) };
}

export function createLateOutgoing(policy: EgressPolicy): LateOutgoing {
  let loading: Promise<Outgoing> | undefined;
  let closed = false;
  return {
    async get() {
      loading ??= load(policy);
      const outgoing = await loading;
      if (closed) outgoing.egress.close();
      return outgoing;
    },
    close() {
      closed = true;
      void loading?.then(({ egress }) => egress.close());
    },
  };
}
