/** The configuration of each function; nothing has a hopeful default but what is documented as optional. */
import type { SFNClientConfig } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import type { Documents } from '../aws/documents.ts';
import type { Tracing } from '../base/spans.ts';
import type { CallsCounted } from '../calling/call-guard.ts';
import type { ExecutionNews } from '../executions/news.ts';
import type { Drivers } from '../instances/driver.ts';
import type { InstanceNews } from '../instances/instance-news.ts';
import type { Nudge } from '../lifecycle/context.ts';
import type { ScalingWebhook } from '../lifecycle/drivers/webhook/scaling-webhook.ts';
import type { EventNews } from '../monitor/events/event-news.ts';
import type { LogSource } from '../monitor/logs/log-source.ts';
import { PayloadsOf } from '../monitor/logs/model/payloads-of.ts';
import type { Meter } from '../monitor/usage/create-meter.ts';
import { ServiceUrl } from '../registry/services/model/service-terms.ts';
import type { CredentialSources } from '../transport/credentials/credential-values.ts';
import { AllowedCredential } from '../transport/model/credential-policy.ts';

export const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());
export const List = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);

export const logging = {
  /** In any case: `debug` is what many say. */
  LOG_LEVEL: z
    .string()
    .toUpperCase()
    .pipe(z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR'], 'must be debug, info, warn or error'))
    .default('INFO'),
  LOG_OUTPUT: z
    .string()
    .regex(/^(console|file:.+)$/, 'must be console or file:PATH')
    .default('console'),
  /** Of which workflows and services payloads are logged. */
  LOG_PAYLOADS: optional(List.pipe(z.array(PayloadsOf))),
};

/** What local mode answers in its own process: an environment has only texts. */
const ofThisProcess = <T extends object>() =>
  z
    .custom<T>((value) => (typeof value === 'object' && value !== null) || typeof value === 'function')
    .optional();

/** Where lines of the log go instead, and where they are found again. */
const ownLog = {
  LOG_SINK: ofThisProcess<(line: string) => void>(),
  LOG_SOURCE: ofThisProcess<LogSource>(),
};

/** Where AWS answers; emulators name their endpoints. */
const endpoints = {
  DYNAMODB_ENDPOINT: optional(z.url()),
  DYNAMODB_DOCUMENTS: ofThisProcess<Documents>(),
  STEP_FUNCTIONS_ENDPOINT: optional(z.url()),
  STEP_FUNCTIONS_HANDLER: ofThisProcess<NonNullable<SFNClientConfig['requestHandler']>>(),
};

/** Whether metrics are written for CloudWatch, and how finely; only functions on AWS are told to. */
const cloudWatch = { CLOUDWATCH_METRICS: optional(z.enum(['stage', 'services'])) };

/** What those need that only look at definitions. */
const Registry = z.object({
  ...logging,
  ...ownLog,
  ...cloudWatch,
  ...endpoints,
  STAGE: z.string().regex(/^[a-z][a-z0-9]{0,19}$/),
  REGISTRY_TABLE: z.string().min(1),
});
export type RegistryConfig = z.infer<typeof Registry>;

export const ManifestConfig = Registry.extend({
  INSTANCES_TABLE: z.string().min(1),
  RUN_STEP_FUNCTION: z.string().min(1),
});
export type ManifestConfig = z.infer<typeof ManifestConfig>;

/** What making machines at run time takes. */
export const machines = {
  MACHINE_PREFIX: z.string().min(1),
  MACHINE_ROLE_ARN: z.string().startsWith('arn:'),
  RUN_STEP_FUNCTION: z.string().min(1),
};

export const MachinesConfig = Registry.extend(machines);
export type MachinesConfig = z.infer<typeof MachinesConfig>;

/** Whether calls and executions are counted, and for how many days the counts are kept. */
export const measuring = {
  USAGE: z.enum(['on', 'off']).default('on'),
  METRICS_RETENTION_DAYS: z.coerce.number().int().min(8).max(400).default(30),
};

/** What is told of traces, and to whom, by the names that OpenTelemetry gives these variables. */
export const tracing = {
  /** Spans are posted to `/v1/traces` below it; without it none are told. */
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(z.url({ protocol: /^https?$/ })),
  /** `name=value`, comma-separated, values percent-encoded. A secret. */
  OTEL_EXPORTER_OTLP_HEADERS: optional(z.string()),
  /** `orchestrator` when left out. */
  OTEL_SERVICE_NAME: optional(z.string().max(128)),
  /** The share of traces that begin here that is recorded; all when left out. */
  OTEL_TRACES_SAMPLER_ARG: optional(z.coerce.number().min(0).max(1)),
};

/** What Lambda gives every function, for requests that are signed here. */
const ofLambda = {
  AWS_REGION: optional(z.string()),
  AWS_ACCESS_KEY_ID: optional(z.string()),
  AWS_SECRET_ACCESS_KEY: optional(z.string()),
  AWS_SESSION_TOKEN: optional(z.string()),
};

const Telling = z.object({
  STAGE: Registry.shape.STAGE,
  ...tracing,
  /** A secret that holds the headers. */
  OTEL_EXPORTER_OTLP_HEADERS_SECRET_ID: optional(z.string()),
  /** What local mode gives to all functions of its process. */
  TRACING: ofThisProcess<Tracing>(),
  ...ofLambda,
});
export type TellingConfig = z.infer<typeof Telling>;

/** Who is told of events, besides the subscriptions in the registry. */
const listening = {
  SERVICE_MONITORING_URL: optional(ServiceUrl),
  /** Name of an EventBridge bus. */
  EVENT_BUS: optional(z.string()),
  /** What local mode gives to all functions of its process. */
  EVENT_NEWS: ofThisProcess<EventNews>(),
};

/** What asking for changes of instances takes. */
const Changing = Registry.extend({
  INSTANCES_TABLE: z.string().min(1),
  TELEMETRY_TABLE: z.string().min(1),
  ...measuring,
  RETENTION_DAYS: z.coerce.number().int().min(1).max(3650),
  CHANGE_MACHINE_ARN: z.string().startsWith('arn:'),
  /** What local mode gives to all functions of its process. */
  INSTANCE_NEWS: ofThisProcess<InstanceNews>(),
  CALLS_COUNTED: ofThisProcess<CallsCounted>(),
  METER: ofThisProcess<Meter>(),
  DRIVERS: ofThisProcess<Drivers>(),
  SCALED: ofThisProcess<ScalingWebhook>(),
  NUDGE: ofThisProcess<Nudge>(),
  ...listening,
});
export type ChangingConfig = z.infer<typeof Changing>;

export const SharedConfig = Changing.extend({
  ...Telling.shape,
  EXECUTIONS_TABLE: z.string().min(1),
  UNDO_MACHINE_ARN: z.string().startsWith('arn:'),
  /** What local mode gives to all functions of its process. */
  EXECUTION_NEWS: ofThisProcess<ExecutionNews>(),
});
export type SharedConfig = z.infer<typeof SharedConfig>;

/** What making calls to services takes. */
export const calling = {
  EGRESS_ALLOWED_NETWORKS: List.default([]),
  /** Which credentials may be read for services, and where each may be sent. */
  CREDENTIALS_ALLOWED: optional(List.pipe(z.array(AllowedCredential))),
  /** Where local mode reads them. */
  CREDENTIAL_SOURCES: ofThisProcess<CredentialSources>(),
  ...ofLambda,
};
const CallsOut = z.object(calling);
export type CallsOut = z.infer<typeof CallsOut>;

/** The function that checks instances, which is to look at one that does not take connections; on AWS. */
export const hastening = { CHECK_HEALTH_FUNCTION: optional(z.string()) };

export const CallingConfig = SharedConfig.extend({ ...calling, ...hastening });
export type CallingConfig = z.infer<typeof CallingConfig>;

/** Where instances are started on AWS, as far as the stage says. */
const startingOnAws = {
  ECS_CLUSTER: optional(z.string()),
  ECS_SUBNETS: optional(List),
  ECS_SECURITY_GROUPS: optional(List),
  ECS_REACH: optional(z.enum(['private', 'public'])),
  SERVICE_INSTANCE_MANAGEMENT_URL: optional(ServiceUrl),
  SERVICE_SCALING_URL: optional(ServiceUrl),
  SERVICE_WEBHOOK_SECRET_ID: optional(z.string()),
  ...ofLambda,
};

/** Where it is recorded who asked for what and what was decided, and for how many days it is kept. */
export const auditing = {
  AUDIT_TABLE: z.string().min(1),
  AUDIT_RETENTION_DAYS: z.coerce.number().int().min(1).max(3650).default(365),
};

/** Starting, stopping and looking after instances. */
export const LifecycleConfig = Changing.extend({ ...calling, ...auditing, ...startingOnAws });
export type LifecycleConfig = z.infer<typeof LifecycleConfig>;

/** Delivering events. */
export const DeliverConfig = Registry.extend({
  EXECUTIONS_TABLE: z.string().min(1),
  TELEMETRY_TABLE: z.string().min(1),
  ...calling,
  ...listening,
  /** What local mode signs with; on AWS a secret is named. */
  SERVICE_WEBHOOK_SECRET: optional(z.string()),
  SERVICE_WEBHOOK_SECRET_ID: optional(z.string()),
  ...ofLambda,
});
export type DeliverConfig = z.infer<typeof DeliverConfig>;

/** Reading the tools of services: it knows nothing of executions. */
export const RefreshConfig = Registry.extend({ INSTANCES_TABLE: z.string().min(1), ...calling });
export type RefreshConfig = z.infer<typeof RefreshConfig>;

/** Checking how instances are. */
export const HealthConfig = Registry.extend({
  INSTANCES_TABLE: z.string().min(1),
  TELEMETRY_TABLE: z.string().min(1),
  RETENTION_DAYS: Changing.shape.RETENTION_DAYS,
  INSTANCE_NEWS: ofThisProcess<InstanceNews>(),
  /** What Lambda tells the function of itself. */
  AWS_LAMBDA_FUNCTION_NAME: optional(z.string()),
  ...calling,
  ...listening,
});
export type HealthConfig = z.infer<typeof HealthConfig>;
