/**
 * One health check of one instance: is it well now? What follows from a row of them is for `judgeHealth` to say. No
 * connection stays open, so that an instance which is stopped waits for none of them.
 */
import { type ErrorCode, OrchestratorError } from '../../base/errors.ts';
import type { AskingCheck } from '../../registry/services/model/health-check.ts';
import type { Transport } from '../../registry/services/model/service-terms.ts';
import { type Bounds, startDeadline } from '../../transport/deadline.ts';
import type { Egress } from '../../transport/egress.ts';
import type { EgressResponse } from '../../transport/egress-request.ts';
import { httpFailure, isSuccess } from '../../transport/http-failure.ts';
import { pingMcp } from '../../transport/mcp/mcp-ping.ts';
import type { Credential } from '../../transport/model/credential.ts';
import { mcpUrl } from '../../transport/model/service-url.ts';

export interface Probed {
  /** Of the instance, as it is called. */
  readonly url: string;
  readonly transport: Transport;
  readonly healthCheck: AskingCheck;
  readonly credential?: Credential | undefined;
}

/** `reached`: whether it answered at all. */
export type ProbeResult =
  | { readonly passed: true }
  | { readonly passed: false; readonly why: string; readonly reached: boolean };

export interface ProbeContext {
  readonly egress: Egress;
}

const maxBytes = 65_536;

/** It did not answer, or was never asked. */
const noAnswer: readonly ErrorCode[] = [
  'service.unreachable',
  'service.timeout',
  'service.connection-lost',
  'service.address-refused',
  'service.credential-not-allowed',
  'service.credential-unavailable',
];

/** Never rejects over what the instance does; `why` is a sentence that may be shown. */
export async function probe(context: ProbeContext, probed: Probed): Promise<ProbeResult> {
  try {
    const why = await faultOf(context, probed);
    return why === undefined ? { passed: true } : { passed: false, why, reached: true };
  } catch (thrown) {
    if (thrown instanceof OrchestratorError)
      return { passed: false, why: thrown.message, reached: !noAnswer.includes(thrown.code) };
    throw thrown;
  }
}

function faultOf({ egress }: ProbeContext, probed: Probed): Promise<string | undefined> {
  const { healthCheck, credential } = probed;
  const url = askedUrl(probed);
  const deadline = startDeadline(healthCheck.timeoutSeconds * 1000);
  const target = { url, subject: subjectOf(url, healthCheck), deadline, credential };
  switch (healthCheck.kind) {
    case 'http':
      return getPath(egress, { ...target, healthCheck });
    case 'tcp':
      return egress.connect(target).then(() => undefined);
    case 'mcp':
      return pingMcp(egress, target);
  }
}

/** The path of an http check stands alone: it does not go on from the path under which the service is called. */
function askedUrl({ url, transport, healthCheck }: Probed): URL {
  const asked = transport === 'mcp' ? mcpUrl(url) : new URL(url);
  if (healthCheck.kind !== 'http') return asked;
  asked.pathname = healthCheck.path ?? '/healthz';
  asked.search = '';
  return asked;
}

const subjectOf = ({ host, pathname }: URL, { kind }: AskingCheck): string =>
  kind === 'tcp' ? host : `${host}${pathname}`;

/** Reads no more of an answer than shows that it is a healthy one. */
async function getPath(
  egress: Egress,
  { healthCheck, ...target }: Bounds & { readonly url: URL; readonly healthCheck: AskingCheck },
): Promise<string | undefined> {
  const { expectStatus, bodyContains } = healthCheck;
  const isExpected = (status: number): boolean =>
    expectStatus?.includes(status) ?? (status >= 200 && status < 300);
  let seen = '';
  const listen = (piece: string): boolean => {
    seen = (seen + piece).slice(0, maxBytes);
    return bodyContains === undefined || seen.length === maxBytes || seen.includes(bodyContains);
  };
  const response = await egress.send({
    ...target,
    method: 'GET',
    repeating: 'safe',
    headers: {},
    maxBytes,
    alone: true,
    listen: ({ status }) => (isExpected(status) ? listen : undefined),
  });
  if (!isExpected(response.status)) return statusFault(response, target.subject, expectStatus);
  if (bodyContains === undefined || seen.includes(bodyContains)) return undefined;
  return `${target.subject} answered ${response.status} without the text that its check expects`;
}

const statusFault = (
  response: EgressResponse,
  subject: string,
  expectStatus: readonly number[] | undefined,
): string =>
  expectStatus && isSuccess(response)
    ? `${subject} answered ${response.status}, and its check expects ${expectStatus.join(' or ')}`
    : httpFailure(response, subject).message;
