/** When a service asks to be called again: `Retry-After` (RFC 9110, 10.2.3), in seconds or as a time of HTTP. */

/** No longer wait is told apart from this one: some thirty years, which is still a date. */
const longestSeconds = 1_000_000_000;

/** As whole seconds from now; nothing when unreadable. Some services send fractions of a second. */
export function retryAfterSeconds(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(longestSeconds, Math.ceil(Number(text)));
  const atMs = httpDateMs(text, nowMs);
  return atMs === undefined ? undefined : Math.max(0, Math.ceil((atMs - nowMs) / 1000));
}

/**
 * Times of HTTP (RFC 9110, 5.6.7) in their three forms: IMF-fixdate, and the two that are obsolete and must be
 * understood all the same, RFC 850 and asctime. All of them are UTC.
 */
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const time = '(?<hour>\\d{2}):(?<minute>\\d{2}):(?<second>\\d{2})';
const forms = [
  // Sun, 06 Nov 1994 08:49:37 GMT
  new RegExp(`^[a-z]{3}, (?<day>\\d{2}) (?<month>[a-z]{3}) (?<year>\\d{4}) ${time} (?:gmt|utc)$`, 'i'),
  // Sunday, 06-Nov-94 08:49:37 GMT
  new RegExp(`^[a-z]{6,9}, (?<day>\\d{2})-(?<month>[a-z]{3})-(?<year>\\d{2}) ${time} (?:gmt|utc)$`, 'i'),
  // Sun Nov  6 08:49:37 1994
  new RegExp(`^[a-z]{3} (?<month>[a-z]{3}) (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})$`, 'i'),
];

/** Milliseconds since the epoch; nothing for what is no such time. `nowMs` tells the century of a year of two digits. */
function httpDateMs(text: string, nowMs: number): number | undefined {
  const parts = forms.map((form) => form.exec(text)?.groups).find((groups) => groups !== undefined);
  const month = months.indexOf(parts?.['month']?.toLowerCase() ?? '');
  if (parts === undefined || month === -1) return undefined;
  const [day, hour, minute, second] = ['day', 'hour', 'minute', 'second'].map((part) => Number(parts[part]));
  const at = Date.UTC(yearOf(parts['year'] ?? '', nowMs), month, day, hour, minute, second);
  // The day that does not exist is another one to Date.
  return new Date(at).getUTCDate() === day ? at : undefined;
}

/** A year of two digits which seems to be more than 50 years ahead is the last one that ended in them. */
function yearOf(digits: string, nowMs: number): number {
  if (digits.length === 4) return Number(digits);
  const now = new Date(nowMs).getUTCFullYear();
  const year = now - (now % 100) + Number(digits);
  return year > now + 50 ? year - 100 : year;
}
