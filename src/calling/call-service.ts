/**
 * Calls a service within the deadline of an attempt. A `Retry-After` that fits is waited out here, which
 * costs no state transition; one that does not fails transiently, and Step Functions retries.
 */

import type { Clock } from '../base/clock.ts';
import { type ErrorCode, OrchestratorError, toOrchestratorError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { pause } from '../base/pause.ts';
import type { LogPayloads } from '../base/payload-log.ts';
import type { Tracing } from '../base/spans.ts';
import type { TraceContext } from '../base/trace.ts';
import type { InstanceNews } from '../instances/instance-news.ts';
import { parseReference } from '../registry/services/model/service-reference.ts';
import type { EvaluatedCall } from '../transport/model/call.ts';
import { largestResultBytes } from '../transport/model/call.ts';
import type { Answered, ServiceCaller } from '../transport/service-caller.ts';
import type { CallGuard } from './call-guard.ts';
import type { CallMeter } from './call-meter.ts';
import { beginCallSpan, type CallSpan } from './model/call-span.ts';
import { nameOfCall } from './model/name-of-call.ts';
import { pauseForService } from './pause-for-service.ts';
import type { ResolveService } from './resolve-service.ts';
import type { ServiceUsage } from './service-usage.ts';
import type { Target } from './target.ts';

/** The step of an execution, or its undo. */
export interface CallAbout {
  readonly workflowId: string;
  readonly workflow: string;
  readonly step: string;
}

export interface ServiceCall {
  readonly target: Target;
  readonly call: EvaluatedCall;
  /** The execution whose step it is. */
  readonly executionId?: string | undefined;
  /** What the log says of whose call it is. */
  readonly about?: CallAbout | undefined;
  /** What the call is a part of. */
  readonly trace?: TraceContext | undefined;
  readonly idempotencyKey: string;
  /** Whether the caller says that a second call under this key has no second effect. */
  readonly idempotent?: boolean | undefined;
  /** Whether it repeats an earlier call that failed. */
  readonly repeats?: boolean | undefined;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly signal?: AbortSignal;
  /** What has to be done before the call is sent. */
  readonly beforeSending?: () => Promise<void>;
  /** What has to be done when the service has refused it and is waited for, before it is sent again. */
  readonly afterRefusal?: () => Promise<void>;
}

export interface CallContext {
  readonly caller: ServiceCaller;
  readonly guard: CallGuard;
  readonly clock: Clock;
  readonly log: Log;
  /** Absent where no payload is logged. */
  readonly logPayloads?: LogPayloads | undefined;
  /** Where calls are counted; absent where nobody wants to know. */
  readonly callMeter?: CallMeter | undefined;
  /** Where those are counted who wait. */
  readonly usage?: ServiceUsage | undefined;
  readonly tracing?: Tracing | undefined;
}

/** Some services ask to be called again at once (`0`, a time that has passed), and refuse that too. */
const shortestWaitMs = { first: 100, atMost: 1_000 };

const cancelledWhileWaiting = 'The execution ended while the service could not be called';

export async function callService(context: CallContext, call: ServiceCall): Promise<Answered> {
  for (let refusals = 0; ; refusals++) {
    try {
      return await context.guard.run(call.target, call, () =>
        callOnce(context, refusals === 0 ? call : { ...call, repeats: true }),
      );
    } catch (error) {
      const waitMs = retryAfterMs(error, 'service.throttled', refusals);
      if (waitMs === undefined || context.clock.now() + waitMs >= call.deadline) throw error;
      await call.afterRefusal?.();
      const waits = context.usage?.waits(call.target.service);
      await pause(waitMs, call.signal, cancelledWhileWaiting).finally(waits);
    }
  }
}

interface ResolveContext {
  readonly resolveService: ResolveService;
  readonly clock: Clock;
  /** Where all functions are one process. */
  readonly instanceNews?: InstanceNews | undefined;
  /** Where those are counted who wait. */
  readonly usage?: ServiceUsage | undefined;
}

/**
 * The target of a call. Where every instance rests after failing again and again, or none is healthy yet of a service that
 * starts, one is waited for while the deadline allows it: that costs no state transition.
 */
export const resolveWithin = (
  context: ResolveContext,
  reference: string,
  waiting: Waiting,
): Promise<Target> =>
  resolveWaiting(context, reference, { ...waiting, codes: ['service.unavailable', 'service.starting'] });

/** As `resolveWithin`, but where every instance rests nobody is kept waiting. */
export const resolveStarting = (
  context: ResolveContext,
  reference: string,
  waiting: Waiting,
): Promise<Target> => resolveWaiting(context, reference, { ...waiting, codes: ['service.starting'] });

interface Waiting extends Pick<ServiceCall, 'deadline' | 'signal'> {
  readonly tried?: ReadonlySet<string>;
  /** The execution that calls: it is why a service wakes. */
  readonly workflowId?: string | undefined;
  /** Told how long was waited, where that was at all. */
  readonly waited?: (ms: number) => void;
}

async function resolveWaiting(
  { resolveService, clock, instanceNews, usage }: ResolveContext,
  reference: string,
  { deadline, signal, tried, workflowId, waited, codes }: Waiting & { readonly codes: readonly ErrorCode[] },
): Promise<Target> {
  const sinceMs = clock.now();
  for (let looks = 0; ; looks++) {
    try {
      const target = await resolveService(reference, tried, workflowId);
      if (looks > 0) waited?.(clock.now() - sinceMs);
      return target;
    } catch (error) {
      const waitMs = codes.map((code) => retryAfterMs(error, code, looks)).find((ms) => ms !== undefined);
      if (waitMs === undefined || clock.now() + waitMs >= deadline) throw error;
      const service = parseReference(reference).name;
      const waits = usage?.waits(service);
      await pauseForService(instanceNews, { service, ms: waitMs, signal }).finally(waits);
    }
  }
}

async function callOnce(context: CallContext, call: ServiceCall): Promise<Answered> {
  await call.beforeSending?.();
  const { target, repeats = false } = call;
  const sinceMs = context.clock.now();
  const ended = context.callMeter?.calls({ service: target.service, name: nameOfCall(call.call), repeats });
  const span = beginCallSpan(context.tracing, call);
  try {
    const answered = await send(context, call, span);
    ended?.();
    logCall(context, call, { sinceMs, answered });
    span.end();
    return answered;
  } catch (error) {
    const { code } = toOrchestratorError(error);
    ended?.(code);
    logCall(context, call, { sinceMs, code });
    span.end(code);
    throw error;
  }
}

interface CallEnd {
  readonly sinceMs: number;
  readonly answered?: Answered;
  readonly code?: ErrorCode;
}

function logCall(
  { log, logPayloads, clock }: CallContext,
  { target, call, about }: ServiceCall,
  { sinceMs, answered, code }: CallEnd,
): void {
  const { service, version, instance } = target;
  const fields = { ...about, service, version, instance, call: nameOfCall(call) };
  log[code ? 'warn' : 'info']('service call', { ...fields, durationMs: clock.now() - sinceMs, code });
  if (!logPayloads) return;
  const payload = {
    ...('tool' in call ? { arguments: call.arguments } : call.request),
    result: answered?.value,
  };
  logPayloads({ workflow: about?.workflow, service }, log, { ...fields, of: 'service call', payload });
}

function send(
  { caller, clock }: CallContext,
  call: ServiceCall,
  { trace, answered }: Pick<CallSpan, 'trace' | 'answered'>,
): Promise<Answered> {
  const { target, executionId, idempotencyKey, idempotent, deadline, signal } = call;
  return caller.call(target, call.call, {
    idempotencyKey,
    timeoutMs: Math.max(1, deadline - clock.now()),
    maxResultBytes: largestResultBytes,
    idempotent,
    trace,
    answered,
    ...(executionId !== undefined && { executionId }),
    ...(signal && { signal }),
  });
}

/** Milliseconds after which an error of this code says to try again, at least twice as many after each refusal. */
function retryAfterMs(error: unknown, code: ErrorCode, refusals = 0): number | undefined {
  if (!(error instanceof OrchestratorError) || error.code !== code) return undefined;
  const { first, atMost } = shortestWaitMs;
  const shortest = Math.min(atMost, first * 2 ** refusals);
  return error.retryAfterSeconds === undefined
    ? undefined
    : Math.max(shortest, error.retryAfterSeconds * 1000);
}
