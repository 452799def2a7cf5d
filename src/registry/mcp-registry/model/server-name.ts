/** Names of the MCP registry, `namespace/name`, and the names of services that they stand for. */
import * as z from 'zod';
import { Name } from '../../services/model/service-terms.ts';

export const defaultNamespace = 'local.orchestrator';

const label = '[a-z0-9]([a-z0-9-]*[a-z0-9])?';

/** Short enough that every name of a service fits behind it: server names have at most 200 characters. */
export const RegistryNamespace = z
  .string()
  .max(136)
  .regex(
    new RegExp(`^${label}(\\.${label})+$`),
    'must be a host name read backwards, such as org.example.orchestrator, of at most 136 characters',
  );

export const serverNameOf = (namespace: string, service: string): string => `${namespace}/${service}`;

/** The name of the service that a server of this namespace is; undefined for a server of another one. */
export function serviceInNamespace(namespace: string, server: string): string | undefined {
  const name = server.startsWith(`${namespace}/`) ? server.slice(namespace.length + 1) : '';
  return Name.safeParse(name).success ? name : undefined;
}

/**
 * What a server is called as a service: what stands behind the namespace, in lower case, with `-` for `.` and `_`, and
 * the prefix before it. Undefined when that is no name of a service.
 */
export function serviceNameOf(server: string, prefix = ''): string | undefined {
  const [, own = ''] = /^[^/]+\/([^/]+)$/.exec(server) ?? [];
  const name = prefix + own.toLowerCase().replaceAll(/[._]/g, '-');
  return own !== '' && Name.safeParse(name).success ? name : undefined;
}
