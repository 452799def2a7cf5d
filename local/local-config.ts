/** The configuration of local mode: the environment, and `.env` beneath it. */
import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import { RateLimitsText } from '../src/access/model/rate-limits.ts';
import { TokenIssuersText } from '../src/access/model/token-issuer.ts';
import { WebOrigin } from '../src/access/model/web-origin.ts';
import type { Environment } from '../src/manifest/model/manifest.ts';
import { RegistryNamespace } from '../src/registry/mcp-registry/model/server-name.ts';
import { ServiceUrl } from '../src/registry/services/model/service-terms.ts';
import { List, logging, measuring, tracing } from '../src/runtime/config.ts';
import { usualLimits } from '../src/runtime/log-file.ts';
import { namedHost } from '../src/surfaces/host-header.ts';
import { createAddressPolicy, isNetwork } from '../src/transport/address-policy.ts';
import { AllowedCredential } from '../src/transport/model/credential-policy.ts';
import { WebhookSecret } from '../src/transport/webhook-signature.ts';
import { parseEnvFile } from './env-file.ts';
import { exampleVariables } from './example-variables.ts';

const Port = z.coerce.number().int().min(0).max(65_535);

const Host = z
  .string()
  .refine(
    (name) => namedHost(name) !== undefined,
    'must be a host name or an address, without a scheme or a path',
  );

const Network = z
  .string()
  .refine(isNetwork, 'must be a network in CIDR form, such as 10.0.0.0/8 or 10.0.3.7/32');

const Secret = z
  .string()
  .min(32, 'must have at least 32 characters')
  .regex(/^[!-~]*$/, 'must be without spaces, and of characters that a header can carry');

export const LocalConfig = z.object({
  PORT: Port.default(8000),
  HOST: z.string().min(1).default('127.0.0.1'),
  ADMIN_KEY: Secret.optional(),
  /** Whether callers have to prove who they are; with ADMIN_KEY or another HOST than loopback they have to anyway. */
  AUTH: z.enum(['on', 'off']).optional(),
  /** Whose tokens callers may send instead: JSON. */
  TOKEN_ISSUERS: TokenIssuersText,
  /** How often a caller may use operations of a class. */
  RATE_LIMITS: RateLimitsText,
  /** Instead of a key, for those who read metrics. */
  METRICS_TOKEN: Secret.optional(),
  ORCHESTRATOR_DATA_DIR: z.string().min(1).default('.orchestrator'),
  /** Of the local AWS services; absent: they do not listen. */
  STEP_FUNCTIONS_PORT: Port.optional(),
  DYNAMODB_PORT: Port.optional(),
  DURABILITY: z.enum(['process', 'disk']).default('process'),
  ALLOW_LOCAL_DRIVERS: z.enum(['on', 'off']).default('off'),
  EXAMPLE_SERVICES: z.enum(['on', 'off']).default('on'),
  ORCHESTRATOR_MANIFEST: z.string().min(1).default('examples/email/orchestrator.yaml'),
  DEFAULT_WORKFLOW: z.string().min(1).default('process-email'),
  ALLOWED_HOSTS: List.pipe(z.array(Host)).default([]),
  ALLOWED_ORIGINS: List.pipe(z.array(WebOrigin)).default([]),
  EGRESS_ALLOWED_NETWORKS: List.pipe(z.array(Network)).default([]),
  /** Which credentials may be read for services, and where each may be sent. */
  CREDENTIALS_ALLOWED: List.pipe(z.array(AllowedCredential)).default([]),
  REGISTRY_NAMESPACE: RegistryNamespace.optional(),
  SERVICE_REGISTRY_URL: ServiceUrl.optional(),
  /** Where containers are started. */
  DOCKER_HOST: z.string().optional(),
  /** Who is asked to start instances whose driver is `webhook`. */
  SERVICE_INSTANCE_MANAGEMENT_URL: ServiceUrl.optional(),
  /** Who is told how many instances a service is to have. */
  SERVICE_SCALING_URL: ServiceUrl.optional(),
  /** Who is told of all events. */
  SERVICE_MONITORING_URL: ServiceUrl.optional(),
  SERVICE_WEBHOOK_SECRET: WebhookSecret.optional(),
  RETENTION_DAYS: z.coerce.number().int().min(1).max(3650).default(90),
  AUDIT_RETENTION_DAYS: z.coerce.number().int().min(1).max(3650).default(365),
  ...measuring,
  ...tracing,
  ...logging,
  /** For people or for programs; when left out for people where the log goes to a terminal. */
  LOG_FORMAT: z.enum(['pretty', 'json']).optional(),
  LOG_MAX_BYTES: z.coerce.number().int().min(10_000).max(10_000_000_000).default(usualLimits.maxBytes),
  LOG_MAX_FILES: z.coerce.number().int().min(1).max(1_000).default(usualLimits.maxFiles),
});
export type LocalConfig = z.infer<typeof LocalConfig>;

/** Whatever may stand in `.env`, besides what the manifest names. */
export const localVariables: readonly string[] = [
  ...Object.keys(LocalConfig.shape),
  ...exampleVariables,
  // Of docker-compose.yml and docker-compose.localstack.yml.
  'ORCHESTRATOR_SUBNET',
  'LOCALSTACK_AUTH_TOKEN',
];

const isLoopback = (host: string): boolean =>
  host === 'localhost' || createAddressPolicy({ allowedNetworks: [] })(host) === 'a loopback address';

/**
 * Whether callers have to prove who they are. Throws where AUTH=off says no and everybody who reaches this machine would
 * be an administrator, or there is a key that nobody would be asked for.
 */
export function wantsCallers({ AUTH, HOST, ADMIN_KEY, TOKEN_ISSUERS }: LocalConfig): boolean {
  const needed = ADMIN_KEY !== undefined || TOKEN_ISSUERS.length > 0 || !isLoopback(HOST);
  if (AUTH !== 'off' || !needed) return needed || AUTH === 'on';
  throw new Error(
    isLoopback(HOST)
      ? `${ADMIN_KEY === undefined ? 'TOKEN_ISSUERS' : 'ADMIN_KEY'} asks callers who they are, and AUTH=off does not; leave one of them out`
      : `HOST ${HOST} can be reached from other machines, so AUTH cannot be off; leave HOST at 127.0.0.1, or AUTH out`,
  );
}

/** What is set in the environment wins over the file; an empty variable counts as not set. */
export function environmentWith(file: string, env: Environment): Environment {
  const fromFile = existsSync(file) ? parseEnvFile(readFileSync(file, 'utf8')) : {};
  const all = Object.entries({ ...fromFile, ...env });
  return Object.fromEntries(all.filter(([, value]) => value !== '' && value !== undefined));
}
