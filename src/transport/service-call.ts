/** One call of a service: whom, and within which bounds. */
import type { Fault } from '../base/errors.ts';
import type { TraceContext } from '../base/trace.ts';
import type { Credential } from './model/credential.ts';

export interface CallTarget {
  readonly service: string;
  readonly transport: 'mcp' | 'rest';
  /** As registered. An mcp url without a path means `/mcp`. */
  readonly url: string;
  readonly credential?: Credential | undefined;
}

export interface CallContext {
  /** The same in every attempt of a step; sent to the service. */
  readonly idempotencyKey: string;
  /** Of the step that calls; sent to the service. */
  readonly executionId?: string | undefined;
  /** Of the call; sent to the service. */
  readonly trace?: TraceContext | undefined;
  /** Whether the caller says that a second call under the same key has no second effect. */
  readonly idempotent?: boolean | undefined;
  /** For the whole call, whatever requests it needs. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Size of the result as JSON; above, the call fails with `step.result-too-large`. */
  readonly maxResultBytes: number;
  /** Told the status of what the service answered. */
  readonly answered?: ((status: number) => void) | undefined;
}

/** What a service answered. */
export interface Answered {
  readonly value: unknown;
  /** What went well all the same, with paths in the value. */
  readonly warnings: readonly Fault[];
  /** The structured content of a tool's result, as it was sent. */
  readonly structured?: unknown;
}
