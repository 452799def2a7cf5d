/**
 * Which credentials may be read for a service, and where each may go. Whoever registers a service names a reference; whoever
 * runs the orchestrator says in `CREDENTIALS_ALLOWED` which there are, so that a registration can neither read another
 * secret nor send one somewhere else. An entry is `secret://mail/*@mail.example.com`: what is kept, exactly or by its
 * beginning, and a host, with its port where it has one, `*.example.com` for the hosts below it, or `*` for any.
 */
import * as z from 'zod';
import { type ParsedReference, parseAuthReference } from './credential.ts';

const entryForm =
  /^((?:secret|ssm|env|file):\/\/[A-Za-z0-9/_+=.:-]{1,256}\*?)@(\*|(?:\*\.)?[A-Za-z0-9.:[\]-]{1,255})$/;

export const AllowedCredential = z
  .string()
  .regex(
    entryForm,
    'must be a reference and a host, such as secret://mail/*@mail.example.com or env://MAIL_TOKEN@127.0.0.1:9000',
  )
  .transform((text) => {
    const [, kept = '', host = ''] = entryForm.exec(text) ?? [];
    return { kept, host: host.toLowerCase() };
  });
export type AllowedCredential = z.infer<typeof AllowedCredential>;

/** Why a credential may not be sent to a url, or nothing when it may; without a url, why it may not be read at all. */
export function whyNotAllowed(
  allowed: readonly AllowedCredential[],
  reference: string,
  url?: URL,
): string | undefined {
  const parsed = parseAuthReference(reference);
  if (!parsed) return 'is no reference to where a credential is kept, such as secret://name or env://NAME';
  const entries = allowed.filter(({ kept }) => covers(kept, parsed));
  if (entries.length === 0) return 'is not among the credentials that CREDENTIALS_ALLOWED names';
  if (url === undefined) return undefined;
  const hosts = parsed.host === undefined ? [] : [parsed.host.toLowerCase()];
  if (!hosts.every((host) => isHost(host, url)))
    return `names ${parsed.host} as the only host it is sent to, and this is ${url.host}`;
  if (!entries.some(({ host }) => isHost(host, url)))
    return `may not be sent to ${url.host}; CREDENTIALS_ALLOWED names the hosts`;
  return undefined;
}

function covers(kept: string, { store, name }: ParsedReference): boolean {
  const whole = `${store}://${name}`;
  return kept.endsWith('*') ? whole.startsWith(kept.slice(0, -1)) : whole === kept;
}

/** One without a port is that host on any port. */
function isHost(pattern: string, { host, hostname }: URL): boolean {
  if (pattern === '*' || pattern === host || pattern === hostname) return true;
  return pattern.startsWith('*.') && hostname.endsWith(pattern.slice(1));
}
