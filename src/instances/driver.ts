/**
 * What a driver is: it starts and stops what stands behind instances, on one platform. Every call may be repeated: the
 * token names one start of one instance, and a driver that knows it answers with what it started. A call returns when the
 * platform has accepted it; `describe` alone says what has become of it.
 */
import type { DriverKind } from '../registry/services/model/driver.ts';
import type { Transport } from '../registry/services/model/service-terms.ts';
import type { Observed } from './model/observed.ts';

export type { Observed, ObservedState } from './model/observed.ts';

/** One start of one instance. */
export interface DrivenStart {
  readonly service: string;
  readonly version: string;
  readonly transport: Transport;
  /** Of the instance. */
  readonly id: string;
  /** Names this start, and no earlier or later one of any instance; a driver that may not use it as it is hashes it. */
  readonly token: string;
  /** Of the registration, as the shape of its kind of driver parses them. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** What the platform calls it, as `start` or `describe` answered; absent while nobody knows. */
  readonly ref?: string | undefined;
  /** What the platform called the start of the instance before this one. */
  readonly before?: string | undefined;
}

export interface Listed extends Observed {
  readonly service: string;
  readonly id: string;
  readonly token: string;
}

export interface Driver {
  readonly kind: DriverKind;
  /** Throws `driver.refused` where trying again is of no use, anything else where it may be. */
  start(start: DrivenStart): Promise<Observed>;
  describe(start: DrivenStart): Promise<Observed>;
  /** Asks it to end, and ends it after the grace of its settings. What is gone already is no fault. */
  stop(start: DrivenStart): Promise<void>;
  /** Everything that this driver has started for this orchestrator and still knows; undefined where it cannot tell. */
  list(): Promise<readonly Listed[] | undefined>;
  /** The last lines that it said, oldest first; undefined where the driver has none. */
  logs(start: DrivenStart, lines: number): Promise<readonly string[] | undefined>;
  /**
   * Of a driver of which one instance stands for all: makes it as large as so many. It is asked again and again while the
   * instance runs, and answers whether it had to do anything. Absent where each instance is started by itself.
   */
  resize?(start: DrivenStart, instances: number): Promise<boolean>;
  /** Tells of each one that ends, at once; absent where nothing tells. */
  onExit?(told: (ended: Listed) => void): void;
  /** Lets go of what it holds; what it has started goes on. */
  close?(): void;
}

/** The drivers of a platform, by their kind. */
export type Drivers = ReadonlyMap<DriverKind, Driver>;
