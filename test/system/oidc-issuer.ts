/** Starts the issuer of oidc-issuer.mjs, and signs in to it as a person with a browser does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';

export interface OidcIssuer {
  readonly url: string;
  close(): Promise<void>;
}

export async function startOidcIssuer(options: {
  readonly redirectUri: string;
  readonly resources: readonly string[];
}): Promise<OidcIssuer> {
  const port = await freePort();
  const main = fileURLToPath(new URL('oidc-issuer.mjs', import.meta.url));
  const child = spawn(process.execPath, [main, String(port), options.redirectUri, ...options.resources], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data', { signal: AbortSignal.timeout(30_000) });
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}

/** Follows the pages of the issuer, and gives the code that it sends back with. */
export async function signIn(authorizationUrl: URL, login: string): Promise<string> {
  const cookies = new Map<string, string>();
  const ask = async (url: URL, form?: Record<string, string>): Promise<Response> => {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
      signal: AbortSignal.timeout(10_000),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    return response;
  };
  let url = authorizationUrl;
  let response = await ask(url);
  for (let page = 0; page < 12; page += 1) {
    const to = response.headers.get('location');
    if (to !== null) {
      url = new URL(to, url);
      const code = url.searchParams.get('code');
      if (code !== null) return code;
      response = await ask(url);
      continue;
    }
    const text = await response.text();
    const [, prompt = ''] = /name="prompt" value="(\w+)"/.exec(text) ?? [];
    if (prompt === '') throw new Error(`the issuer answered ${response.status}: ${text.slice(0, 500)}`);
    response = await ask(url, { prompt, login, password: 'any' });
  }
  throw new Error('the issuer asks and asks');
}
