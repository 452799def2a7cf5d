/** Turns what can go wrong on a connection into the error catalogue, with what is known of the effect. */
import { type CallEffect, OrchestratorError, withFacts } from '../base/errors.ts';
import type { EgressRequest } from './egress-request.ts';
import { ConnectTimeout, connectTimeoutMs, FailedExchange } from './http-exchange.ts';
import { RefusedAddress } from './pinned-lookup.ts';

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: 'closed the connection before it had answered',
  EPIPE: 'closed the connection before it had answered',
  ENOTFOUND: 'has a host name that does not resolve',
  EAI_AGAIN: 'has a host name that does not resolve at the moment',
  EHOSTUNREACH: 'is on a host that cannot be reached',
  ENETUNREACH: 'is on a network that cannot be reached',
  ETIMEDOUT: 'did not take the connection in time',
};

/** What Node refuses to write: the caller got it wrong, not the peer. */
const unsendable = [
  'ERR_INVALID_CHAR',
  'ERR_INVALID_HTTP_TOKEN',
  'ERR_HTTP_INVALID_HEADER_VALUE',
  'ERR_UNESCAPED_CHARACTERS',
];

export function toEgressError(
  thrown: unknown,
  request: Pick<EgressRequest, 'subject' | 'repeating'>,
): OrchestratorError {
  if (!(thrown instanceof FailedExchange))
    return withFacts(errorOf(thrown, request, 'none'), { effect: 'none' });
  const { cause, sent, connected } = thrown;
  const effect = sent && request.repeating !== 'safe' ? 'unknown' : 'none';
  return withFacts(errorOf(cause, request, effect), { effect, connected });
}

function errorOf(
  thrown: unknown,
  { subject }: Pick<EgressRequest, 'subject'>,
  effect: CallEffect,
): OrchestratorError {
  if (thrown instanceof OrchestratorError) return thrown;
  if (thrown instanceof RefusedAddress) return refused(thrown, subject);
  const code = codeOf(thrown);
  if (code.startsWith('HPE_')) {
    return new OrchestratorError(
      'service.bad-response',
      `${subject} answered something that is not HTTP (${code})`,
      {
        cause: thrown,
      },
    );
  }
  if (unsendable.includes(code))
    return new OrchestratorError(
      'service.arguments-invalid',
      `${subject} was not called: its headers or its path hold what cannot be sent (${code})`,
      { cause: thrown },
    );
  if (effect === 'unknown') return lost(thrown, subject);
  return new OrchestratorError('service.unreachable', `${subject} ${reasonOf(thrown, code)}`, {
    cause: thrown,
  });
}

const lost = (cause: unknown, subject: string) =>
  new OrchestratorError(
    'service.connection-lost',
    `${subject} closed the connection before it had answered; whether it did its work is not known`,
    { cause },
  );

const refused = ({ hostname, kind }: RefusedAddress, subject: string) =>
  new OrchestratorError(
    'service.address-refused',
    `${subject} may not be called: ${hostname} resolves to ${kind}, which EGRESS_ALLOWED_NETWORKS does not name`,
  );

function reasonOf(thrown: unknown, code: string): string {
  if (thrown instanceof ConnectTimeout)
    return `did not take the connection within ${connectTimeoutMs / 1000} s`;
  return reasons[code] ?? `could not be reached (${code})`;
}

/** The code of a Node error; of several addresses tried, that of the first. */
function codeOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && !('code' in thrown)) return codeOf(thrown.errors[0]);
  if (thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string') return thrown.code;
  return 'ECONNRESET';
}
