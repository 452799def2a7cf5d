/**
 * What a path below `/v0.1/servers` asks for. A server's name holds a slash: clients send it encoded (`ns%2Fname`), and
 * gateways may have decoded it on the way, so both forms mean the same.
 */
export type RegistryPlace =
  | { readonly kind: 'servers' }
  | { readonly kind: 'versions'; readonly server: string }
  | { readonly kind: 'version'; readonly server: string; readonly version: string };

const root = '/v0.1/servers';

export const isRegistryPath = (path: string): boolean => path === '/v0.1' || path.startsWith('/v0.1/');

/** Undefined when it is no path of the registry API, broken encoding among them. */
export function registryPlace(path: string): RegistryPlace | undefined {
  if (path === root || path === `${root}/`) return { kind: 'servers' };
  if (!path.startsWith(`${root}/`)) return undefined;
  const rest = path.slice(root.length + 1).replace(/\/$/, '');
  return versionsIn(rest) ?? versionIn(rest);
}

function versionsIn(rest: string): RegistryPlace | undefined {
  const server = serverIn(/^(.+)\/versions$/.exec(rest)?.[1]);
  return server === undefined ? undefined : { kind: 'versions', server };
}

function versionIn(rest: string): RegistryPlace | undefined {
  const [, name, encoded] = /^(.+)\/versions\/([^/]+)$/.exec(rest) ?? [];
  const [server, version] = [serverIn(name), decoded(encoded)];
  return server === undefined || version === undefined ? undefined : { kind: 'version', server, version };
}

/** A namespace and a name, with one slash between them. */
function serverIn(text: string | undefined): string | undefined {
  const name = decoded(text);
  return name !== undefined && /^[^/]+\/[^/]+$/.test(name) ? name : undefined;
}

function decoded(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
