/**
 * One health check of one instance: is it well now? What follows from a row of them is for `judgeHealth` to say. No
 * connection stays open, so that an instance which is stopped waits for none of them.
 */
import { OrchestratorError } from '../../base/errors.ts';
import type { HealthCheck } from '../../registry/services/model/health-check.ts';
import type { Transport } from '../../registry/services/model/service-terms.ts';
import { type Bounds, startDeadline } from '../../transport/deadline.ts';
import type { Egress } from '../../transport/egress.ts';
import { httpFailure, isSuccess } from '../../transport/http-failure.ts';
import { pingMcp } from '../../transport/mcp/mcp-ping.ts';
import { mcpUrl } from '../../transport/model/service-url.ts';

/** A check that asks the instance; a heartbeat asks nobody, its lease says. */
export type AskingCheck = HealthCheck & { readonly kind: 'http' | 'tcp' | 'mcp' };

export interface Probed {
  /** Of the instance, as it is called. */
  readonly url: string;
  readonly transport: Transport;
  readonly healthCheck: AskingCheck;
}

export type ProbeResult = { readonly passed: true } | { readonly passed: false; readonly why: string };

export interface ProbeContext {
  readonly egress: Egress;
}

const maxBytes = 65_536;

export const asks = (healthCheck: HealthCheck): healthCheck is AskingCheck =>
  healthCheck.kind !== 'heartbeat';

/** Never rejects over what the instance does; `why` is a sentence that may be shown. */
export async function probe(context: ProbeContext, probed: Probed): Promise<ProbeResult> {
  try {
    const why = await faultOf(context, probed);
    return why === undefined ? { passed: true } : { passed: false, why };
  } catch (thrown) {
    if (thrown instanceof OrchestratorError) return { passed: false, why: thrown.message };
    throw thrown;
  }
}

function faultOf({ egress }: ProbeContext, probed: Probed): Promise<string | undefined> {
  const { healthCheck } = probed;
  const url = askedUrl(probed);
  const deadline = startDeadline(healthCheck.timeoutSeconds * 1000);
  const target = { url, subject: subjectOf(url, healthCheck), deadline };
  switch (healthCheck.kind) {
    case 'http':
      return getPath(egress, target);
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

async function getPath(egress: Egress, target: Bounds & { readonly url: URL }): Promise<string | undefined> {
  const response = await egress.send({
    ...target,
    method: 'GET',
    repeating: 'safe',
    headers: {},
    maxBytes,
    alone: true,
    listen: ({ status }) => (status >= 200 && status < 300 ? () => true : undefined),
  });
  return isSuccess(response) ? undefined : httpFailure(response, target.subject).message;
}
