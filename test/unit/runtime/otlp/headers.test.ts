/** The headers of exports, as OpenTelemetry writes them in the environment. */
import { expect, it } from 'vitest';
import { parseHeaders } from '../../../../src/runtime/otlp/headers.ts';

it('reads names and percent-encoded values', () => {
  expect(parseHeaders('Authorization=Basic%20dXNlcjprZXk=, x-scope-orgid = 7,')).toEqual({
    authorization: 'Basic dXNlcjprZXk=',
    'x-scope-orgid': '7',
  });
  expect(parseHeaders('')).toEqual({});
});

it.each(['marked', 'a b=marked', '=marked', 'a=marked%zz'])('refuses %s without quoting it', (text) => {
  expect(() => parseHeaders(text)).toThrow(/^OTEL_EXPORTER_OTLP_HEADERS is not of the form/);
  expect(() => parseHeaders(text)).not.toThrow(/marked/);
});
