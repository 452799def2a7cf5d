/** W3C Trace Context: what is taken for a traceparent, and what is passed on. */
import { describe, expect, it } from 'vitest';
import { readTrace, traceHeaders } from '../../../src/base/trace.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';
const valid = `00-${traceId}-${spanId}-01`;

describe('a traceparent', () => {
  it('is read with its flag', () => {
    expect(readTrace(valid)).toEqual({ traceId, spanId, sampled: true });
    expect(readTrace(`00-${traceId}-${spanId}-00`)).toEqual({ traceId, spanId, sampled: false });
    expect(readTrace(`00-${traceId}-${spanId}-03`)).toEqual({ traceId, spanId, sampled: true });
  });

  it('of a later version is read as far as it is known', () => {
    expect(readTrace(`cc-${traceId}-${spanId}-01-what-the-future-will-be`)).toEqual({
      traceId,
      spanId,
      sampled: true,
    });
  });

  it.each([
    ['of an invalid version', `ff-${traceId}-${spanId}-01`],
    ['with more than its version has', `${valid}-01`],
    ['without a trace', `00-${'0'.repeat(32)}-${spanId}-01`],
    ['without a parent', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['in capitals', valid.toUpperCase()],
    ['that is too short', valid.slice(0, -1)],
    ['that came twice', `${valid}, ${valid}`],
    ['that is no text', 17],
    ['that is missing', undefined],
  ])('%s is none', (_what, traceparent) => {
    expect(readTrace(traceparent, 'vendor=1')).toBeUndefined();
  });
});

it('passes a trace on as it came', () => {
  expect(traceHeaders(readTrace(valid, 'a=1,b=2'))).toEqual({ traceparent: valid, tracestate: 'a=1,b=2' });
  expect(traceHeaders(undefined)).toEqual({});
});

it('drops a tracestate that is too long or could end a header, and keeps the trace', () => {
  expect(traceHeaders(readTrace(valid, `a=${'x'.repeat(511)}`))).toEqual({ traceparent: valid });
  expect(traceHeaders(readTrace(valid, 'a=1\r\nx: y'))).toEqual({ traceparent: valid });
});
