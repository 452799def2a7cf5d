/** `Host` as RFC 9110 (7.2) has it: a host and perhaps a port, and nothing else that a url may have. */

const grammar = /^(\[[0-9a-f:.]+\]|[a-z0-9_][a-z0-9._-]*)(?::\d{0,5})?$/i;

/** The host without its port, in the one way in which it is compared; undefined for what is no `Host` header. */
export function hostOf(header: string | undefined): string | undefined {
  const host = grammar.exec(header ?? '')?.[1]?.toLowerCase();
  return host?.startsWith('[') ? addressOf(host) : host;
}

/** IPv6 addresses may be written in several ways. */
function addressOf(literal: string): string | undefined {
  const url = `http://${literal}`;
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

/** The host that a configuration names; there an IPv6 address may be without brackets. */
export const namedHost = (name: string): string | undefined => hostOf(name) ?? hostOf(`[${name}]`);

export const namedHosts = (names: readonly string[]): string[] =>
  names.flatMap((name) => namedHost(name) ?? []);
