/**
 * What a deployment is told: one typed file for each environment, `config/<stage>.ts`. Every fault is named at
 * once and ends the synthesis; a field that is not known is a fault too.
 */
import { isIP } from 'node:net';
import * as z from 'zod';
import { RateLimits } from '../src/access/model/rate-limits.ts';
import { TokenIssuers } from '../src/access/model/token-issuer.ts';
import { WebOrigin } from '../src/access/model/web-origin.ts';
import { faultsOf } from '../src/base/faults.ts';
import { PayloadsOf } from '../src/monitor/logs/model/payloads-of.ts';
import { RegistryNamespace } from '../src/registry/mcp-registry/model/server-name.ts';
import { Name, ServiceUrl } from '../src/registry/services/model/service-terms.ts';
import { AllowedCredential } from '../src/transport/model/credential-policy.ts';

const stageRule = 'must be 1 to 20 lower case letters and digits, a letter first';

/** Part of physical names; without hyphens, so that no stage's name begins with another's and a hyphen. */
export const Stage = z.string(stageRule).regex(/^[a-z][a-z0-9]{0,19}$/, stageRule);

const isNetwork = (text: string): boolean => {
  const [, address = '', prefix = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  return isIP(address) !== 0 && Number(prefix) <= (isIP(address) === 4 ? 32 : 128);
};

const isIssuer = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return protocol === 'https:' && [username, password, search, hash].every((part) => part === '');
};

const credentialRule =
  'must be a reference of secret:// or ssm:// and a host, such as secret://mail/*@mail.example.com';

const isCredentialOnAws = (text: string): boolean =>
  /^(?:secret|ssm):/.test(text) && AllowedCredential.safeParse(text).success;

const certificateRule = 'must be the arn of a certificate of ACM for the name';

const Network = z.string().refine(isNetwork, 'must be a network in CIDR form, such as 10.20.0.0/16');

const tasks = {
  /** The cluster that tasks run in. */
  cluster: z.string().regex(/^[A-Za-z0-9_-]{1,255}$/, 'must be the name of a cluster'),
  subnets: z
    .array(z.string().regex(/^subnet-([0-9a-f]{8}|[0-9a-f]{17})$/, 'must be the id of a subnet'))
    .min(1)
    .max(16),
  securityGroups: z
    .array(z.string().regex(/^sg-([0-9a-f]{8}|[0-9a-f]{17})$/, 'must be the id of a security group'))
    .min(1)
    .max(5),
  /** Families of task definitions that may be run: those that services name. */
  taskDefinitions: z
    .array(z.string().regex(/^[A-Za-z0-9_-]{1,255}$/, 'must be a family of task definitions'))
    .min(1),
  /** The task roles and execution roles of those task definitions. */
  roles: z
    .array(z.string().regex(/^arn:[^:]+:iam::\d{12}:role\/.+$/, 'must be the arn of a role'))
    .default([]),
};

/** How tasks are called: at their private addresses, out of the same network, or at public ones. */
const Ecs = z.discriminatedUnion('reach', [
  z.strictObject({
    ...tasks,
    reach: z.literal('private'),
    /** The range of the network that the subnets are in, which may be called then. */
    network: Network,
  }),
  z.strictObject({ ...tasks, reach: z.literal('public') }),
]);
export type EcsStage = z.output<typeof Ecs>;

/** What CloudWatch Logs takes (AWS: PutRetentionPolicy), up to two years. */
const LogRetentionDays = z.literal([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731]);

const Settings = z.strictObject({
  /** The account and region to deploy to; those of the CLI's credentials when left out. */
  account: z
    .string()
    .regex(/^\d{12}$/, 'must be an account number of 12 digits')
    .optional(),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region such as eu-central-1')
    .optional(),
  /** Path of the manifest, from the root of the project. */
  manifest: z.string().min(1),
  /** The workflow that a start without a name means. */
  defaultWorkflow: Name.optional(),
  /** Days for which ended executions are kept. */
  retentionDays: z.int().min(1).max(3650).default(90),
  /** Days for which what was counted of calls and executions is kept. */
  metricsRetentionDays: z.int().min(8).max(400).default(30),
  /** Days for which it is kept who asked for what. */
  auditRetentionDays: z.int().min(1).max(3650).default(365),
  /** Days for which logs are kept. */
  logRetentionDays: LogRetentionDays.default(30),
  /** Of which workflows and services payloads are logged, such as `service:gmail`. */
  logPayloads: z.array(PayloadsOf).default([]),
  logLevel: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']).default('INFO'),
  /** Special ranges that services may be in, such as a VPC. */
  allowedNetworks: z.array(Network).default([]),
  /** Which credentials may be read for services, and where each may be sent: `secret://mail/*@mail.example.com`. */
  credentials: z.array(z.string().refine(isCredentialOnAws, credentialRule)).default([]),
  /** Pages in browsers that may call the API: it answers their preflights, and they may read what it answers. */
  allowedOrigins: z.array(WebOrigin).default([]),
  /** Metrics in CloudWatch: of the whole stage, or besides by workflow and by service. docs/deploy.md has their price. */
  metrics: z.enum(['stage', 'services']).default('stage'),
  /** Whether the stage has a dashboard in CloudWatch, of which an account has three for nothing. */
  dashboard: z.boolean().default(true),
  /** From when on alarms are raised. */
  alarms: z
    .strictObject({
      /** Share of the executions that ended within five minutes. */
      failedRate: z.number().gt(0).max(1).default(0.1),
      /** 99 of 100 answers of the API take less; callers may wait for an end for 25 seconds. */
      apiP99Ms: z.int().min(1).max(29_000).default(26_000),
    })
    .prefault({}),
  /** Whom alarms are mailed to. AWS asks the address to confirm. */
  alarmEmail: z.email('must be an email address').optional(),
  /** A name of one's own for the API, with a certificate of ACM in the same region. */
  domain: z
    .strictObject({
      name: z
        .string()
        .regex(/^([a-z0-9-]+\.)+[a-z]{2,}$/, 'must be a host name such as orchestrator.example.org'),
      certificateArn: z.string(certificateRule).startsWith('arn:', certificateRule),
    })
    .optional(),
  /** Whose tokens clients should ask for: named in `/.well-known/oauth-protected-resource`. */
  tokenIssuer: z
    .string()
    .refine(isIssuer, 'must be an https URL without query, such as https://id.example.org')
    .optional(),
  /** Whose tokens are taken besides keys; they have to be on the public internet, which alone the authorizer reaches. */
  tokenIssuers: z.preprocess((given) => given ?? [], TokenIssuers),
  /** How often a caller may use operations of a class in a minute, in each container of the API. */
  rateLimits: RateLimits.prefault({ reads: 12_000, writes: 6_000, destructive: 300 }),
  /** Stands before the names of services where they are shown as servers of the MCP Registry API. */
  registryNamespace: RegistryNamespace.optional(),
  /** The MCP registry that is asked for services which are not registered here. */
  serviceRegistryUrl: ServiceUrl.optional(),
  /** Where services with an `ecs` driver run, as tasks of Fargate; without it none do. */
  ecs: Ecs.optional(),
  /** Functions that services with a `lambda` driver are: those that may be started, stopped and made larger. */
  drivenFunctions: z
    .array(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be the name of a function'))
    .default([]),
  /** What requests are signed with that ask to start and stop instances (driver `webhook`), and who is asked by them. */
  webhooks: z
    .strictObject({
      secretArn: z.string().regex(/^arn:[^:]+:secretsmanager:.+/, 'must be the arn of a secret'),
      /** For services that do not say. */
      instanceManagementUrl: ServiceUrl.optional(),
      /** Who is told how many instances a service is to have. */
      scalingUrl: ServiceUrl.optional(),
      /** Who is told of all events. */
      monitoringUrl: ServiceUrl.optional(),
    })
    .optional(),
  /** Who is told of traces (OTLP over HTTP): `/v1/traces` below the endpoint. */
  traces: z
    .strictObject({
      endpoint: z.url({ protocol: /^https?$/, error: 'must be a url with http or https' }),
      /** A secret whose text is `name=value,name=value`: the headers of the requests. */
      headersSecretArn: z
        .string()
        .regex(/^arn:[^:]+:secretsmanager:.+/, 'must be the arn of a secret')
        .optional(),
      /** `orchestrator-<stage>` when left out. */
      serviceName: z.string().min(1).max(128).optional(),
      /** The share of the traces that begin here that is recorded. */
      share: z.number().min(0).max(1).default(1),
    })
    .optional(),
  /** Whether events are put on an EventBridge bus of the stage too. */
  eventBus: z.boolean().default(false),
  /** Requests a second, and at once, that the API takes from all callers together. */
  throttling: z
    .strictObject({ ratePerSecond: z.int().min(1), burst: z.int().min(1) })
    .default({ ratePerSecond: 100, burst: 200 }),
  /** Whether tables outlive their stack, which then also cannot be deleted by accident. For throw-away stages only: false. */
  keepData: z.boolean().default(true),
});

/** What a settings file says. */
export type SettingsInput = z.input<typeof Settings>;
export type Settings = z.output<typeof Settings> & { readonly stage: string };

/** Throws one error that names every value that is missing or wrong. */
export function parseSettings(stage: string, input: unknown): Settings {
  const parsed = Settings.safeParse(input);
  if (parsed.success) return { ...parsed.data, stage };
  const faults = faultsOf(parsed.error).map(({ path, message }) => `${path || 'settings'}: ${message}`);
  throw new Error(`config/${stage}.ts is not valid: ${faults.join('; ')}`);
}
