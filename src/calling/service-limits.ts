/**
 * How much a service may be called from this container: calls at the same time, and calls a second (a token bucket that
 * holds one second's worth). Who may not call yet waits in line until its deadline.
 */
import type { Clock } from '../base/clock.ts';
import { OrchestratorError } from '../base/errors.ts';
import { pause } from '../base/pause.ts';
import type { Limits } from '../registry/services/model/service-terms.ts';

export interface Bounds {
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
}

const mostServices = 1000;
/** How often one that waits for others to end looks again. */
const lookEveryMs = 20;

interface Use {
  underWay: number;
  /** Calls that may begin at once; never more than a second's worth. */
  tokens: number;
  filledAt: number;
}

export class ServiceLimits {
  readonly #clock: Clock;
  readonly #uses = new Map<string, Use>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What to call when the call has ended. Throws `service.throttled` when it cannot begin before the deadline. */
  async enter(service: string, limits: Limits, { deadline, signal }: Bounds): Promise<() => void> {
    if (limits.concurrency === undefined && limits.requestsPerSecond === undefined) return () => undefined;
    for (;;) {
      const use = this.#use(service, limits);
      const waitMs = waitOf(use, limits);
      if (waitMs === 0) return this.#begin(use);
      if (this.#clock.now() + waitMs >= deadline) throw throttled(service, waitMs);
      await pause(waitMs, signal, 'The call was cancelled while it waited for its turn');
    }
  }

  #begin(use: Use): () => void {
    use.underWay += 1;
    use.tokens -= 1;
    return () => {
      use.underWay -= 1;
    };
  }

  /** The use of a service, with the tokens that time has brought. */
  #use(service: string, { requestsPerSecond = Number.POSITIVE_INFINITY }: Limits): Use {
    const now = this.#clock.now();
    const most = Math.max(1, requestsPerSecond);
    const use = this.#uses.get(service) ?? this.#add(service, { underWay: 0, tokens: most, filledAt: now });
    const filled = use.tokens + (Math.max(0, now - use.filledAt) / 1000) * requestsPerSecond;
    use.tokens = Number.isFinite(requestsPerSecond) ? Math.min(most, filled) : most;
    use.filledAt = now;
    return use;
  }

  #add(service: string, use: Use): Use {
    for (const [name, { underWay }] of this.#uses) {
      if (this.#uses.size < mostServices) break;
      if (underWay === 0) this.#uses.delete(name);
    }
    this.#uses.set(service, use);
    return use;
  }
}

/** Milliseconds until a call may begin, as far as is known; 0: now. */
function waitOf({ underWay, tokens }: Use, { concurrency, requestsPerSecond }: Limits): number {
  if (concurrency !== undefined && underWay >= concurrency) return lookEveryMs;
  if (requestsPerSecond === undefined || tokens >= 1) return 0;
  return Math.ceil(((1 - tokens) / requestsPerSecond) * 1000);
}

const throttled = (service: string, waitMs: number): OrchestratorError =>
  new OrchestratorError(
    'service.throttled',
    `${service} is called as much as its registration allows, which its limits can raise`,
    { retryAfterSeconds: waitMs / 1000 },
  );
