/** What the system is told when it starts on one machine. */
import type { RateLimits } from '../src/access/model/rate-limits.ts';
import type { TokenIssuer } from '../src/access/model/token-issuer.ts';
import type { Manifest } from '../src/manifest/model/manifest.ts';
import type { SharedConfig } from '../src/runtime/config.ts';
import type { LogFileLimits } from '../src/runtime/log-file.ts';
import type { CredentialSources } from '../src/transport/credentials/credential-values.ts';
import type { AllowedCredential } from '../src/transport/model/credential-policy.ts';
import type { Authorize } from './authorization.ts';
import type { LocalWebhooks } from './drivers.ts';
import type { LogFormat } from './log/local-log.ts';

export interface LocalTracing {
  /** Where spans are posted, at `/v1/traces` below it; without it none are told. */
  readonly endpoint?: string | undefined;
  /** `name=value,…`: a secret. */
  readonly headers?: string | undefined;
  readonly serviceName?: string | undefined;
  /** From 0 to 1; all when left out. */
  readonly share?: number | undefined;
}

export interface LocalCredentials {
  readonly allowed: readonly AllowedCredential[];
  readonly sources: CredentialSources;
}

export interface SystemOptions {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Of the local AWS services. 0: a free one; absent: they do not listen. */
  readonly stepFunctionsPort?: number | undefined;
  readonly dynamodbPort?: number | undefined;
  /** `disk`: a write is acknowledged after it is on the disk. Default: when it outlives every process. */
  readonly durability?: 'process' | 'disk';
  readonly dataDir: string;
  /** Programs that are started as services find of it what every program needs. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly manifest: Manifest;
  readonly defaultWorkflow: string | undefined;
  /** Whether callers have to prove who they are; otherwise everybody who reaches the API is an administrator. */
  readonly authenticated?: boolean;
  /** The key of an administrator, with which callers have to prove who they are. */
  readonly adminKey: string | undefined;
  /** Whose tokens callers may send instead of keys. */
  readonly tokenIssuers?: readonly TokenIssuer[];
  /** How often a caller may use operations of a class; as often as it likes when left out. */
  readonly rateLimits?: RateLimits;
  /** What those who read metrics may send instead of a key. */
  readonly metricsToken?: string | undefined;
  /** Whom it lets in, and in which role; whoever proves to have the key, as an administrator, when left out. */
  readonly authorize?: Authorize | undefined;
  /** Whether callers may register services that are started as processes or containers. */
  readonly allowLocalDrivers?: boolean;
  /** Where the Docker Engine API answers; the usual place when left out. */
  readonly dockerHost?: string | undefined;
  /** What webhooks are signed with, and who is asked where a service names nobody. */
  readonly webhooks?: LocalWebhooks | undefined;
  /** Host names besides loopback under which the API is reached. */
  readonly allowedHosts: readonly string[];
  /** Pages in browsers that may call the API, besides its own. */
  readonly allowedOrigins?: readonly string[];
  /** Networks besides loopback that services may be in. */
  readonly allowedNetworks: readonly string[];
  /** Which credentials may be read for services, and where they are kept. */
  readonly credentials?: LocalCredentials | undefined;
  readonly retentionDays: number;
  /** For how many days it is kept who asked for what; 365 when left out. */
  readonly auditRetentionDays?: number;
  /** Whether calls and executions are counted, and for how many days the counts are kept. */
  readonly usage?: SharedConfig['USAGE'];
  readonly metricsRetentionDays?: number;
  /** Who is told of traces, and how many of those that begin here are recorded. */
  readonly tracing?: LocalTracing | undefined;
  /** Stands before the names of services where they are shown as MCP servers. */
  readonly registryNamespace?: string | undefined;
  /** The registry that is asked for services which are not registered here. */
  readonly serviceRegistryUrl?: string | undefined;
  readonly logLevel: SharedConfig['LOG_LEVEL'];
  readonly logOutput: string;
  readonly logFormat?: LogFormat | undefined;
  readonly logLimits?: LogFileLimits | undefined;
  /** Of which workflows and services payloads are logged, such as `service:gmail`. */
  readonly logPayloads?: readonly string[] | undefined;
}
