/** What may be shown of a service's own words: the telling part, short, without control characters. */
import type { EgressResponse, ResponseHead } from './egress-request.ts';

const shownCharacters = 300;

/** At most 300 characters; control and invisible format characters become spaces. */
export function excerpt(text: string): string {
  const line = text
    .slice(0, 4 * shownCharacters)
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
  const characters = Array.from(line);
  return characters.length <= shownCharacters ? line : `${characters.slice(0, shownCharacters).join('')}…`;
}

/** `: the words of the service`, or nothing when it said nothing that can be shown. */
export function quoted(text: string): string {
  const shown = excerpt(text);
  return shown === '' ? '' : `: ${shown}`;
}

/** The media type in lower case without parameters; '' when the answer names none. */
export const mediaType = ({ headers }: ResponseHead): string => mediaTypeIn(headers['content-type'] ?? '');

export const mediaTypeIn = (contentType: string): string =>
  contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';

export const isJson = (type: string): boolean =>
  type === 'application/json' || type === 'text/json' || type.endsWith('+json');

/** Why a service refused or failed, as far as its answer says so in JSON or plain text. */
export function failureText(response: EgressResponse): string {
  const type = mediaType(response);
  if (isJson(type)) return jsonFailureText(response.text);
  return type === 'text/plain' ? response.text : '';
}

function jsonFailureText(text: string): string {
  const body = parseJson(text);
  return body === undefined ? text : (messageIn(body) ?? text);
}

/** The member that explains: RFC 9457 `detail` and `title`, JSON-RPC `error.message`, `message`, `error`. */
function messageIn(body: unknown): string | undefined {
  if (typeof body === 'string') return body;
  if (typeof body !== 'object' || body === null) return undefined;
  const members = new Map(Object.entries(body));
  for (const name of ['detail', 'message', 'error', 'title']) {
    const found = name === 'error' ? messageIn(members.get(name)) : members.get(name);
    if (typeof found === 'string') return found;
  }
  return undefined;
}

/** The value of a JSON text, or nothing when it is broken. A byte order mark before it is ignored. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch {
    return undefined;
  }
}
