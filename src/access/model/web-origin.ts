/** The origin of a web page as browsers send it (RFC 6454): a scheme and a host, perhaps a port, and nothing behind. */
import * as z from 'zod';

/** Extensions of browsers and editors have schemes of their own, and say nothing that is left out as a default. */
const ownScheme = /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9._-]+$/;

function originOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, origin, pathname, search, hash, username, password } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:')
    return ownScheme.test(text.toLowerCase()) ? text.toLowerCase() : undefined;
  const behind = pathname.slice(1) + search + hash + username + password;
  return behind === '' && !/[?#@]/.test(text) ? origin : undefined;
}

/** `null` and `*` are none: they would let pages in that nobody named. */
export const WebOrigin = z.string().transform((text, context) => {
  const origin = originOf(text);
  if (origin !== undefined) return origin;
  context.addIssue({
    code: 'custom',
    message: 'must be an origin such as https://app.example.com, without a path',
  });
  return z.NEVER;
});
