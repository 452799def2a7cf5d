/**
 * Cross-origin answers (Fetch, CORS protocol) for the pages of `ALLOWED_ORIGINS`, on every route. No cookies and no
 * `*`: a caller proves itself with its `Authorization` header.
 */
import type { HttpRequest, HttpResponse } from './http.ts';

type Asked = Pick<HttpRequest, 'method' | 'headers'>;

const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE';
/** What answers carry that a page may not read by itself. */
const exposed = 'Allow, ETag, Retry-After, WWW-Authenticate';
/** How long a browser keeps a preflight, in seconds; browsers keep none longer than two hours. */
const keptSeconds = 7200;

/** The origin of the request if its pages may call. */
const allowedOrigin = ({ headers }: Asked, origins: readonly string[]): string | undefined =>
  origins.find((origin) => origin === headers['origin']);

const isPreflight = ({ method, headers }: Asked): boolean =>
  method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;

/** The answer to a preflight of a page that may call; undefined for everything else. */
export function preflight(request: Asked, origins: readonly string[]): HttpResponse | undefined {
  if (!isPreflight(request) || allowedOrigin(request, origins) === undefined) return undefined;
  const { headers } = request;
  const wanted = headers['access-control-request-headers'];
  return {
    status: 204,
    headers: {
      'access-control-allow-methods': methods,
      // The page may send what it likes: it is one of those that were named.
      ...(wanted !== undefined && /^[\w\s,-]+$/.test(wanted) && { 'access-control-allow-headers': wanted }),
      ...(headers['access-control-request-private-network'] === 'true' && {
        'access-control-allow-private-network': 'true',
      }),
      'access-control-max-age': String(keptSeconds),
      vary: 'Access-Control-Request-Method, Access-Control-Request-Headers',
    },
    body: '',
  };
}

/** The answer as the page of the request may read it, if it is one of those that may call. */
export function withCors(response: HttpResponse, request: Asked, origins: readonly string[]): HttpResponse {
  if (origins.length === 0) return response;
  const origin = allowedOrigin(request, origins);
  const { vary } = response.headers;
  return {
    ...response,
    headers: {
      ...response.headers,
      vary: vary === undefined ? 'Origin' : `Origin, ${vary}`,
      ...(origin !== undefined && {
        'access-control-allow-origin': origin,
        'access-control-expose-headers': exposed,
      }),
    },
  };
}
