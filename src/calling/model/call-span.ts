/**
 * The span of one request to a service, with the attributes of OpenTelemetry's conventions for MCP and for HTTP. Neither
 * arguments nor paths with ids are told.
 */
import { beginSpan, type OpenSpan, type Tracing } from '../../base/spans.ts';
import type { TraceContext } from '../../base/trace.ts';
import type { EvaluatedCall } from '../../transport/model/call.ts';
import { nameOfCall } from './name-of-call.ts';

interface TracedCall {
  readonly call: EvaluatedCall;
  readonly target: {
    readonly service: string;
    readonly version: string;
    readonly instance: string;
    readonly url: string;
  };
  readonly trace?: TraceContext | undefined;
  readonly repeats?: boolean | undefined;
}

export interface CallSpan extends OpenSpan<TraceContext | undefined> {
  /** Told the status of what is answered. */
  readonly answered: (status: number) => void;
}

export function beginCallSpan(tracing: Tracing | undefined, traced: TracedCall): CallSpan {
  const { call, target, repeats = false } = traced;
  let status: number | undefined;
  const span = beginSpan(tracing, traced.trace, () => ({
    name: 'tool' in call ? `tools/call ${nameOfCall(call)}` : nameOfCall(call),
    kind: 'client',
    attributes: {
      ...('tool' in call ? ofTool(call.tool) : { 'http.request.method': call.request.method }),
      ...ofPlace(target.url),
      'orchestrator.service.name': target.service,
      'orchestrator.service.version': target.version,
      'orchestrator.instance.id': target.instance,
      'orchestrator.call.repeated': repeats,
    },
  }));
  return {
    trace: span.trace,
    answered(answer) {
      status = answer;
    },
    end: (error, more) => span.end(error, { 'http.response.status_code': status, ...more }),
  };
}

const ofTool = (tool: string) => ({
  'mcp.method.name': 'tools/call',
  'gen_ai.operation.name': 'execute_tool',
  'gen_ai.tool.name': tool,
  'network.protocol.name': 'http',
  'network.transport': 'tcp',
});

const defaultPorts: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

function ofPlace(url: string) {
  if (!URL.canParse(url)) return {};
  const { hostname, port, protocol } = new URL(url);
  return {
    'server.address': hostname,
    'server.port': port === '' ? defaultPorts[protocol] : Number(port),
  };
}
