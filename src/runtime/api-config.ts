/** The configuration of the function behind API Gateway. */
import * as z from 'zod';
import { RegistryNamespace } from '../domain/mcp-registry/server-name.ts';
import { Name, ServiceUrl } from '../domain/service-terms.ts';
import { WebOrigin } from '../domain/web-origin.ts';
import { calling, List, machines, optional, SharedConfig } from './config.ts';

export const ApiConfig = SharedConfig.extend({
  ...machines,
  ...calling,
  DEFAULT_WORKFLOW: optional(Name),
  /** Stands before the names of services where they are shown as MCP servers. */
  REGISTRY_NAMESPACE: optional(RegistryNamespace),
  /** The MCP registry that is asked for services which are not registered here. */
  SERVICE_REGISTRY_URL: optional(ServiceUrl),
  /** Whose tokens clients should ask for. */
  TOKEN_ISSUER: optional(z.url()),
  /** Host names that requests may be sent to; empty where a gateway in front decides. */
  ALLOWED_HOSTS: optional(List),
  /** Of pages in browsers that may call. */
  ALLOWED_ORIGINS: optional(List.pipe(z.array(WebOrigin))),
});
export type ApiConfig = z.infer<typeof ApiConfig>;
