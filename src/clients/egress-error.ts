/** Turns what can go wrong on a connection into the error catalogue. */
import { OrchestratorError } from '../domain/errors.ts';
import type { Bounds } from './deadline.ts';
import { ConnectTimeout, connectTimeoutMs, StaleConnection } from './http-exchange.ts';
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

export function toEgressError(thrown: unknown, { subject }: Bounds): OrchestratorError {
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
  return new OrchestratorError('service.unreachable', `${subject} ${reasonOf(thrown, code)}`, {
    cause: thrown,
  });
}

const refused = ({ hostname, kind }: RefusedAddress, subject: string) =>
  new OrchestratorError(
    'service.address-refused',
    `${subject} may not be called: ${hostname} resolves to ${kind}, which the egress configuration does not allow`,
  );

function reasonOf(thrown: unknown, code: string): string {
  if (thrown instanceof ConnectTimeout)
    return `did not take the connection within ${connectTimeoutMs / 1000} s`;
  return reasons[code] ?? `could not be reached (${code})`;
}

/** The code of a Node error; of several addresses tried, that of the first. */
function codeOf(thrown: unknown): string {
  if (thrown instanceof StaleConnection) return 'ECONNRESET';
  if (thrown instanceof AggregateError && !('code' in thrown)) return codeOf(thrown.errors[0]);
  if (thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string') return thrown.code;
  return 'ECONNRESET';
}
