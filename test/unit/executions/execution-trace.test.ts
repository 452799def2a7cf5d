/** The span of an execution: who can name it, and what is told of it. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { EndedSpan } from '../../../src/base/spans.ts';
import { tellTry, traceOf } from '../../../src/executions/model/execution-trace.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const execution = {
  id: 'e1',
  workflow: 'book',
  version: 3,
  traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
  redriveCount: 0,
  startedAt: '2026-11-28T08:00:00.000Z',
};

function telling() {
  const spans: EndedSpan[] = [];
  const tracing = {
    clock: { now: () => 0 },
    newId: () => '',
    record: (span: EndedSpan) => void spans.push(span),
  };
  return { spans, context: { hash, tracing } };
}

describe('the trace that steps are a part of', () => {
  it('is the same wherever it is asked for, and another one in each try', () => {
    const first = traceOf(telling().context, execution);
    expect(traceOf(telling().context, execution)).toEqual(first);
    expect(first).toMatchObject({ traceId, sampled: true, spanId: expect.stringMatching(/^[0-9a-f]{16}$/) });
    const retried = traceOf(telling().context, { ...execution, redriveCount: 1 });
    expect(retried?.traceId).toBe(traceId);
    expect(retried?.spanId).not.toBe(first?.spanId);
  });

  it('is that of the start where no spans are told, or the trace is not sampled', () => {
    expect(traceOf({ hash }, execution)?.spanId).toBe('00f067aa0ba902b7');
    const unsampled = { ...execution, traceparent: `00-${traceId}-00f067aa0ba902b7-00` };
    expect(traceOf(telling().context, unsampled)).toEqual({
      traceId,
      spanId: '00f067aa0ba902b7',
      sampled: false,
    });
  });

  it('is unknown for a record without one', () => {
    expect(traceOf(telling().context, { ...execution, traceparent: undefined })).toBeUndefined();
  });
});

it('tells a try from its start to its end, below what started it', () => {
  const { spans, context } = telling();
  const retried = { ...execution, redriveCount: 2, redrivenAt: '2026-11-28T09:00:00.000Z' };
  tellTry(context, retried, { status: 'CANCELLED', closedAt: '2026-11-28T09:00:01.500Z' });
  expect(spans).toMatchObject([
    {
      name: 'workflow book',
      parentSpanId: '00f067aa0ba902b7',
      startMs: 1_795_856_400_000,
      endMs: 1_795_856_401_500,
      error: 'CANCELLED',
      attributes: { 'orchestrator.execution.id': 'e1', 'orchestrator.execution.retries': 2 },
    },
  ]);
  expect(spans[0]?.trace).toEqual(traceOf(context, retried));
});
