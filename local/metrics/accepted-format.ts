/** Which text format a scraper wants: that of OpenMetrics where it takes it as gladly as plain text (RFC 9110, 12.5.1). */

export type MetricsFormat = 'prometheus' | 'openmetrics';

export function acceptedFormat(accept: string | undefined): MetricsFormat {
  const openMetrics = weightOf(accept ?? '', 'application/openmetrics-text');
  return openMetrics > 0 && openMetrics >= weightOf(accept ?? '', 'text/plain')
    ? 'openmetrics'
    : 'prometheus';
}

/** The greatest that the header gives to the type itself, and not by a wildcard: 0 where it does not name it. */
function weightOf(accept: string, type: string): number {
  const weights = accept.split(',').flatMap((part) => {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    return name === type ? [quality(parameters)] : [];
  });
  return Math.max(0, ...weights);
}

function quality(parameters: readonly string[]): number {
  const text = parameters.find((one) => /^q\s*=/.test(one));
  const value = text === undefined ? 1 : Number(text.slice(text.indexOf('=') + 1));
  return Number.isFinite(value) ? value : 0;
}
