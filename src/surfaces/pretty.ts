/**
 * Indented answers, for people at a terminal, who ask for them: `?pretty`, or `Accept: application/json; indent=2`.
 * Nothing else is taken for that wish: curl sends no other `Accept` than programs do, and theirs stay compact.
 */
import type { HttpRequest, HttpResponse } from './http.ts';

const parameter = 'pretty';
const usualIndent = 2;

/** How far answers are indented; undefined for compact ones. */
export function indentWanted({ query, headers }: Pick<HttpRequest, 'query' | 'headers'>): number | undefined {
  const asked = query[parameter];
  if (asked !== undefined)
    return asked.some((value) => /^(false|0|no)$/i.test(value)) ? undefined : usualIndent;
  const digit = (headers['accept'] ?? '')
    .split(',')
    .map(indentOf)
    .find((found) => found !== undefined);
  return digit === undefined || digit === '0' ? undefined : Number(digit);
}

/** Of one media range, `application/json; indent=2`. */
function indentOf(range: string): string | undefined {
  const [type = '', ...parameters] = range.split(';');
  if (type.trim().toLowerCase() !== 'application/json') return undefined;
  return parameters.flatMap((one) => /^indent=([0-8])$/i.exec(one.trim())?.[1] ?? []).at(-1);
}

/** The request as operations see it: none has a field for this. */
export function withoutPretty(request: HttpRequest): HttpRequest {
  const { [parameter]: _asked, ...query } = request.query;
  return { ...request, query };
}

export async function indented(response: HttpResponse, indent: number): Promise<HttpResponse> {
  const isJson = /^application\/(problem\+)?json/.test(response.headers['content-type'] ?? '');
  if (!isJson || response.body === '') return response;
  const { indentJson } = await import('./indent-json.ts');
  return { ...response, body: `${indentJson(response.body.trim(), indent)}\n` };
}
