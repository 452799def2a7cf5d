/**
 * What stands between a call and an instance, in this container: the limits of the service, a circuit breaker for each
 * instance, and the count of calls under way that the choice of an instance goes by. Decides when a call may begin; it
 * does not make it.
 */
import type { Clock } from '../base/clock.ts';
import { type ErrorCode, OrchestratorError } from '../base/errors.ts';
import { type CallCounts, createCallCounts } from './call-counts.ts';
import { CircuitBreakers } from './circuit-breakers.ts';
import { FailedConnections } from './failed-connections.ts';
import type { LastingCalls } from './lasting-calls.ts';
import { type Bounds, ServiceLimits } from './service-limits.ts';
import { createServiceUsage, type ServiceUsage } from './service-usage.ts';
import type { Target } from './target.ts';

export interface CallGuard {
  /** Calls under way to an instance. */
  inFlight(url: string): number;
  /** Seconds until an instance that failed again and again is tried once more; 0 when it may be called. */
  restingSeconds(url: string): number;
  /** Whether connections to it have just failed, so that another instance is better. */
  isLeft(url: string): boolean;
  /** Makes a call when its service may be called. Throws `service.throttled` when that is not before the deadline. */
  run<T>(target: Target, bounds: Bounds, call: () => Promise<T>): Promise<T>;
}

/** Where the calls of all guards of a process are counted. */
export interface CallsCounted {
  /** What scaling goes by. */
  readonly usage: ServiceUsage;
  /** Calls that go to an instance, those that wait for their turn among them. */
  readonly going: CallCounts;
}

export const createCallsCounted = (clock: Clock): CallsCounted => ({
  usage: createServiceUsage(clock),
  going: createCallCounts(),
});

export interface CallsKnown {
  /** Where all calls are made in one process. */
  readonly counted?: CallsCounted | undefined;
  /** Where others stop the instances that are called. */
  readonly lasting?: LastingCalls | undefined;
  /** Told of an instance that does not take connections, when it is left: its health check is to look. */
  readonly failing?: ((target: Target) => void) | undefined;
  /** Tells of the url of each instance that passes its check, where checks are made in this process: it is called again. */
  readonly passing?: ((listener: (url: string) => void) => unknown) | undefined;
}

export function createCallGuard(
  clock: Clock,
  { counted, lasting, failing, passing }: CallsKnown = {},
): CallGuard {
  const { usage, going } = counted ?? {};
  const underWay = createCallCounts();
  const breakers = new CircuitBreakers(clock);
  const connections = new FailedConnections(clock);
  passing?.((url) => connections.succeeded(url));
  const limits = new ServiceLimits(clock);

  async function admitted<T>(target: Target, bounds: Bounds, call: () => Promise<T>): Promise<T> {
    const { service, version, url, limits: limited } = target;
    const waited = usage?.waits(service);
    const leave = await limits.enter(`${service}@${version}`, limited ?? {}, bounds).finally(waited);
    const ended = usage?.calls(service);
    underWay.add(url, 1);
    breakers.begin(url);
    const allowedMs = bounds.deadline - clock.now();
    try {
      const result = await call();
      breakers.succeeded(url);
      connections.succeeded(url);
      return result;
    } catch (error) {
      if (isLostConnection(error)) {
        if (connections.failed(url)) failing?.(target);
      } else if (isAnswer(error) || isOneOf(['service.failed'], error)) connections.succeeded(url);
      if (isFault(error, allowedMs)) breakers.failed(url);
      else if (isAnswer(error)) breakers.succeeded(url);
      throw error;
    } finally {
      underWay.add(url, -1);
      ended?.();
      leave();
    }
  }

  return {
    inFlight: underWay.of,
    restingSeconds: (url) => breakers.restingSeconds(url),
    isLeft: (url) => connections.isLeft(url),
    async run(target, bounds, call) {
      going?.add(target.url, 1);
      try {
        const admit = () => admitted(target, bounds, call);
        return await (lasting ? lasting.during(target, bounds.deadline, admit) : admit());
      } finally {
        going?.add(target.url, -1);
      }
    },
  };
}

const isOneOf = (codes: readonly ErrorCode[], error: unknown): boolean =>
  error instanceof OrchestratorError && codes.includes(error.code);

const isLostConnection = (error: unknown): boolean =>
  isOneOf(['service.unreachable', 'service.connection-lost'], error) ||
  (error instanceof OrchestratorError && error.code === 'service.timeout' && error.connected === false);

/** What any instance should need less than; a caller may allow less time, which says nothing of the instance. */
const patientMs = 10_000;

/** Whether the next call to the same instance is likely to fail as well. */
function isFault(error: unknown, allowedMs: number): boolean {
  if (isOneOf(['service.timeout'], error))
    return allowedMs >= patientMs || (error instanceof OrchestratorError && error.connected === false);
  return isOneOf(['service.unreachable', 'service.connection-lost', 'service.failed'], error);
}

/** Whether the instance answered; that a call was cancelled, or was never made, says nothing of it. */
const isAnswer = (error: unknown): boolean =>
  isOneOf(
    [
      'service.throttled',
      'service.rejected',
      'service.redirected',
      'service.bad-response',
      'service.tool-not-found',
      'service.tool-failed',
    ],
    error,
  );
