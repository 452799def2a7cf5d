/** What goes out through egress, and what comes back. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Bounds } from './deadline.ts';
import type { Repeatability } from './model/repeatability.ts';

export interface ResponseHead {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

export interface EgressResponse extends ResponseHead {
  /** The body; of an answer that is not a success only its beginning. */
  readonly text: string;
  /** Whether the same request was sent before over a connection that was lost, so that it may have had its effect then. */
  readonly lostBefore?: boolean;
}

/**
 * Takes pieces of an answer as they arrive, and an empty one when it has ended; true says that it has seen enough.
 */
export type TextListener = (text: string) => boolean;

export interface EgressRequest extends Bounds {
  readonly method: string;
  readonly repeating: Repeatability;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Bytes of the answer that are read at most; beyond, it is `step.result-too-large`. */
  readonly maxBytes: number;
  /** Over a connection that ends with the answer, so that nothing of it stays open at the peer. */
  readonly alone?: boolean | undefined;
  /** Reads an answer piece by piece (an event stream) instead of whole. */
  readonly listen?: ((head: ResponseHead) => TextListener | undefined) | undefined;
}
