/** The configuration of the function behind API Gateway. */
import * as z from 'zod';
import { RateLimitsText } from '../access/model/rate-limits.ts';
import { TokenIssuersText } from '../access/model/token-issuer.ts';
import { WebOrigin } from '../access/model/web-origin.ts';
import { RegistryNamespace } from '../registry/mcp-registry/model/server-name.ts';
import { Name, ServiceUrl } from '../registry/services/model/service-terms.ts';
import { auditing, calling, hastening, List, machines, optional, SharedConfig } from './config.ts';

export const ApiConfig = SharedConfig.extend({
  ...machines,
  ...calling,
  ...hastening,
  ACCESS_TABLE: z.string().min(1),
  ...auditing,
  /** How long what was revoked may still be let in, which its answer says. */
  REVOCATION_SECONDS: z.coerce.number().int().min(0),
  /** How often a caller may use operations of a class, in each container. */
  RATE_LIMITS: RateLimitsText,
  DEFAULT_WORKFLOW: optional(Name),
  /** Whether callers may register services that are started as processes or containers. */
  ALLOW_LOCAL_DRIVERS: z.enum(['on', 'off']).default('off'),
  /** Whether there is the secret that webhooks of drivers are signed with. */
  WEBHOOK_DRIVER: z.enum(['on', 'off']).default('on'),
  /** Stands before the names of services where they are shown as MCP servers. */
  REGISTRY_NAMESPACE: optional(RegistryNamespace),
  /** The MCP registry that is asked for services which are not registered here. */
  SERVICE_REGISTRY_URL: optional(ServiceUrl),
  /** Whose tokens clients should ask for. */
  TOKEN_ISSUER: optional(z.url()),
  /** Whose tokens are taken. */
  TOKEN_ISSUERS: TokenIssuersText,
  /** Host names that requests may be sent to; empty where a gateway in front decides. */
  ALLOWED_HOSTS: optional(List),
  /** Of the functions of the stage, in CloudWatch Logs: where get_logs looks. */
  LOG_GROUPS: optional(List),
  /** For emulators. */
  LOGS_ENDPOINT: optional(z.url()),
  /** Of pages in browsers that may call. */
  ALLOWED_ORIGINS: optional(List.pipe(z.array(WebOrigin))),
});
export type ApiConfig = z.infer<typeof ApiConfig>;
