/** What this process knows of the calls to an instance; another one knows nothing, and waits as long as calls may take. */
import type { ScalingMeasures } from './model/target-demands.ts';
export interface Traffic {
  /** Calls under way to a url; undefined when others may make some. */
  inFlight(url: string): number | undefined;
  /** What is measured of a service; what nobody here can tell is left out. */
  measures(service: string): ScalingMeasures;
  /** Closes the connections that are kept to it. */
  letGo(url: string): void;
}

export const unknownTraffic: Traffic = { inFlight: () => undefined, measures: () => ({}), letGo: () => {} };
