/** What is known of the effect of a call that failed by what it was answered. */
import { afterLostTry, type ErrorCode, OrchestratorError, withFacts } from '../base/errors.ts';
import type { EgressResponse } from './egress-request.ts';
import type { Repeatability } from './model/repeatability.ts';

/** An answer that cannot be read, is not kept, or says that the time was over (408), comes of work that may have been done. */
const saysNothing: readonly ErrorCode[] = [
  'service.bad-response',
  'step.result-too-large',
  'service.timeout',
];

/** What a gateway answers when the service behind it did not, or not in time: that service may have done its work. */
const ofGateway: readonly number[] = [502, 504];

interface Answered {
  readonly repeating: Repeatability;
  /** Missing where none came. */
  readonly response?: EgressResponse | undefined;
}

/** What was thrown, with what is known of the effect. */
export function withEffect(thrown: unknown, { repeating, response }: Answered): unknown {
  if (!(thrown instanceof OrchestratorError)) return thrown;
  if (repeating === 'safe') return withFacts(thrown, { effect: 'none' });
  if (response?.lostBefore === true) return afterLostTry(thrown);
  if (thrown.effect !== undefined) return thrown;
  const leftOpen = saysNothing.includes(thrown.code) || ofGateway.includes(response?.status ?? 0);
  return leftOpen ? withFacts(thrown, { effect: 'unknown' }) : thrown;
}
