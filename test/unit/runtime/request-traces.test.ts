/** Which traces begin with a request, and which of them are recorded. */
import { expect, it } from 'vitest';
import type { EndedSpan } from '../../../src/base/spans.ts';
import { createRequestTraces } from '../../../src/runtime/request-traces.ts';

const id = 'abcdef0123454678a123456789abcdef';

function tracesOf(share: number | undefined, drawn: number) {
  const spans: EndedSpan[] = [];
  const newId = () => id;
  const tracing = { clock: { now: () => 1_000 }, newId, record: (span: EndedSpan) => spans.push(span) };
  return { spans, traces: createRequestTraces({ tracing, newId, random: () => drawn }, share) };
}

const request = (path: string, headers: Record<string, string> = {}) => ({
  method: 'GET',
  baseUrl: 'http://localhost',
  path,
  query: {},
  headers,
  body: undefined,
  caller: undefined,
});

it('records the configured share of the traces that begin here', () => {
  const below = tracesOf(0.25, 0.24);
  const begun = below.traces.begin(request('/v1/services'));
  expect(begun.trace).toEqual({ traceId: id, spanId: 'a123456789abcdef', sampled: true });
  begun.end(200);
  expect(below.spans).toHaveLength(1);
  expect(below.spans[0]?.parentSpanId).toBeUndefined();
  const above = tracesOf(0.25, 0.25);
  const skipped = above.traces.begin(request('/v1/services'));
  expect(skipped.trace.sampled).toBe(false);
  skipped.end(200);
  expect(above.spans).toEqual([]);
});

it('goes by the flag of the caller, whatever the share is', () => {
  const { spans, traces } = tracesOf(0, 0.5);
  traces.begin(request('/v1/services', { traceparent: `00-${id}-00f067aa0ba902b7-01` })).end(503);
  expect(spans).toMatchObject([{ parentSpanId: '00f067aa0ba902b7', error: '503' }]);
});

it('names spans by the template of the path, never by what stands in it', () => {
  const { spans, traces } = tracesOf(1, 0);
  for (const path of [
    '/v1/services/gmail',
    '/tools/marked',
    '/resources/marked/key',
    '/nowhere/marked',
    '/mcp',
    '/v1/services/gmail/',
  ])
    traces.begin(request(path)).end(200);
  expect(spans.map(({ name }) => name)).toEqual([
    'GET /v1/services/{name}',
    'GET /tools/{operation}',
    'GET /resources/{operation}/{key}',
    'GET',
    'GET /mcp',
    'GET /v1/services/{name}',
  ]);
});

it('tells nothing of health checks', () => {
  const { spans, traces } = tracesOf(1, 0);
  traces.begin(request('/healthz')).end(200);
  traces.begin(request('/metrics')).end(200);
  expect(spans).toEqual([]);
});
