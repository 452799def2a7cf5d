/**
 * Builds the URL of a REST request from the registered base url, the path and the query of a call. The path
 * stays below the base path: no other host, no `..`, in whatever spelling.
 */
import type { Fault } from '../domain/errors.ts';

interface Place {
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
}

/** The url, or every fault found. A query in the base url or in the path is kept; arrays repeat the name. */
export function restUrl(base: URL, { path, query = {} }: Place): { url: URL; faults: Fault[] } {
  const url = new URL(base);
  const fault = pathFault(path);
  if (fault !== undefined) return { url, faults: [{ path: 'request.path', message: fault }] };
  const [pathname = '', search = ''] = splitOnce(path, '?');
  url.hash = '';
  url.pathname = base.pathname.replace(/\/$/, '') + pathname;
  for (const [name, value] of new URLSearchParams(search)) url.searchParams.append(name, value);
  return { url, faults: appendQuery(url, query) };
}

function pathFault(path: string): string | undefined {
  if (!path.startsWith('/')) return 'a path begins with /';
  if (/[\p{Cc}\\#]/u.test(path)) return 'a path holds no control character, backslash or #';
  const decoded = percentDecoded(splitOnce(path, '?')[0] ?? '');
  if (decoded === undefined) return 'the percent-encoding of the path is broken';
  const segments = decoded.split(/[/\\]/);
  if (segments.some((segment) => segment === '.' || segment === '..'))
    return 'a path holds no . or .. segment';
  return path.startsWith('//') ? 'a path begins with one /' : undefined;
}

function percentDecoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

function appendQuery(url: URL, query: Readonly<Record<string, unknown>>): Fault[] {
  const faults: Fault[] = [];
  for (const [name, value] of Object.entries(query)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item === undefined || item === null) continue;
      if (typeof item === 'object')
        faults.push({ path: `request.query.${name}`, message: 'a query value is no object' });
      else url.searchParams.append(name, String(item));
    }
  }
  return faults;
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
