/** The url and the headers of a REST request, from the registered base url and the call. */

interface Place {
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The url of a request without faults (transport/model/request-faults.ts), below the base path on its host. A query in the base
 * url or in the path is kept; arrays repeat the name, and null is left out.
 */
export function restUrl(base: URL, { path, query = {} }: Place): URL {
  const url = new URL(base);
  const [pathname = '', search = ''] = splitOnce(path, '?');
  url.hash = '';
  url.pathname = base.pathname.replace(/\/$/, '') + pathname;
  for (const [name, value] of new URLSearchParams(search)) url.searchParams.append(name, value);
  for (const [name, value] of Object.entries(query))
    for (const item of Array.isArray(value) ? value : [value])
      if (item !== undefined && item !== null) url.searchParams.append(name, String(item));
  return url;
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** The headers of a request without faults, in lower case. Undefined and null are left out. */
export const forwardedHeaders = (given: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) =>
      value === undefined || value === null ? [] : [[name.toLowerCase(), String(value)]],
    ),
  );
