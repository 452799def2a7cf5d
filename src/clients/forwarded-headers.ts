/** Which headers of a workflow definition go out with a REST request, by the rules of domain/request-headers.ts. */
import type { Fault } from '../domain/errors.ts';
import { whyNoHeader, whyNoHeaderValue } from '../domain/request-headers.ts';

/** The headers to send, in lower case, and the fault of each that is refused. Undefined and null are left out. */
export function forwardedHeaders(given: Readonly<Record<string, unknown>>) {
  const headers: Record<string, string> = {};
  const faults: Fault[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null) continue;
    const refusal = whyNoHeader(name) ?? whyNoHeaderValue(name, value);
    if (refusal === undefined) headers[name.toLowerCase()] = String(value);
    else faults.push({ path: `request.headers.${name}`, message: refusal });
  }
  return { headers, faults };
}
