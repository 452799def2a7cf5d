/** What a call goes to: an instance, with what its service says of calls. */

import type { Limits, Transport } from '../registry/services/model/service-terms.ts';
import type { Credential } from '../transport/model/credential.ts';

export interface Target {
  readonly service: string;
  readonly version: string;
  readonly instance: string;
  readonly transport: Transport;
  readonly url: string;
  /** Whether the orchestrator starts and stops it. */
  readonly driven?: boolean | undefined;
  readonly credential?: Credential | undefined;
  readonly limits?: Limits | undefined;
  /** Whether the hints of its tools are believed. */
  readonly trustHints?: boolean | undefined;
}
