/** The span of each request, in the trace that it names or in one that begins with it. */
import routes from '../../docs/routes.json' with { type: 'json' };
import { beginSpan, newSpanId, openSpan, type SpanDescription, type Tracing } from '../base/spans.ts';
import { readTrace, type TraceContext } from '../base/trace.ts';
import type { HttpRequest } from '../surfaces/http.ts';

interface TracesContext {
  readonly tracing?: Tracing | undefined;
  readonly newId: () => string;
  /** From 0 up to 1. */
  readonly random: () => number;
}

export interface RequestSpan {
  readonly trace: TraceContext;
  end(status: number): void;
}

/** `share` of the traces that begin here is recorded. */
export function createRequestTraces({ tracing, newId, random }: TracesContext, share = 1) {
  const begin = (request: HttpRequest) => {
    const named = readTrace(request.headers['traceparent'], request.headers['tracestate']);
    if (named !== undefined) return beginSpan(told(request), named, () => descriptionOf(request));
    const begun = { traceId: newId(), sampled: random() < share };
    const teller = told(request);
    if (teller === undefined || !begun.sampled)
      return { trace: { ...begun, spanId: newSpanId(newId) }, end: () => {} };
    return openSpan(teller, begun, descriptionOf(request));
  };
  /** What only asks how we are is no part of what anybody looks for. */
  const told = ({ path }: HttpRequest) => (/^\/(healthz|metrics)\/?$/.test(path) ? undefined : tracing);
  return {
    begin(request: HttpRequest): RequestSpan {
      const span = begin(request);
      return {
        trace: span.trace,
        end: (status) =>
          span.end(status >= 500 ? String(status) : undefined, { 'http.response.status_code': status }),
      };
    },
  };
}

/** By the conventions for HTTP: named by the method and the template of the path, never by the path itself. */
function descriptionOf({ method, path }: HttpRequest): SpanDescription {
  const route = routeOf(method, path);
  return {
    name: route === undefined ? method : `${method} ${route}`,
    kind: 'server',
    attributes: { 'http.request.method': method, 'http.route': route },
  };
}

interface Template {
  readonly method: string;
  readonly path: string;
  readonly pattern: RegExp;
}

let templates: readonly Template[] | undefined;

const fixed = ['/mcp', '/openapi.json'];

function routeOf(method: string, path: string): string | undefined {
  if (fixed.includes(path)) return path;
  if (path.startsWith('/tools/')) return '/tools/{operation}';
  if (path.startsWith('/resources/')) return '/resources/{operation}/{key}';
  templates ??= routes.map((route) => ({ ...route, pattern: patternOf(route.path) }));
  const asked = method === 'HEAD' ? 'GET' : method;
  return templates.find((one) => one.method === asked && one.pattern.test(path))?.path;
}

const patternOf = (template: string): RegExp =>
  new RegExp(`^${template.replace(/\{\w+\+\}/g, '.+').replace(/\{\w+\}/g, '[^/]+')}/?$`);
