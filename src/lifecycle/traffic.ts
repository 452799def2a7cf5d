/** What this process knows of the calls to an instance: all of them where it makes them all, else those that last. */
import type { LastingCall } from '../instances/store/lasting-call-store.ts';
import type { CallsUnderWay } from './model/instance-step.ts';
import type { ScalingMeasures } from './model/target-demands.ts';

export interface Traffic {
  /** Calls under way to an instance. */
  calls(to: Omit<LastingCall, 'id'>): Promise<CallsUnderWay>;
  /** What is measured of a service; what nobody here can tell is left out. */
  measures(service: string): Promise<ScalingMeasures>;
  /** Closes the connections that are kept to it. */
  letGo(url: string): void;
}

/** Where others make the calls: those are known that were written down, and what was counted. */
export const trafficOfOthers = (
  underWay: (to: Omit<LastingCall, 'id'>) => Promise<number>,
  measures: Traffic['measures'] = async () => ({}),
): Traffic => ({
  calls: async (to) => ({ count: await underWay(to), all: false }),
  measures,
  letGo: () => {},
});
