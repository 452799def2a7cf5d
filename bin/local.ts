/**
 * The whole system on this machine, until Ctrl-C, SIGTERM, or the end of the process that started it with a channel to it
 * (start.mjs, which is `npm start` and starts it again when it dies).
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { textInsteadOfStart } from '../local/command-line.ts';
import { createLocalStores } from '../local/credential-stores.ts';
import { claimDataFolder } from '../local/data-folder-lock.ts';
import { onDeath, onRequestToEnd, talkOnWithoutListeners } from '../local/end-of-process.ts';
import { envFileFaults } from '../local/env-file.ts';
import { exampleEnvironment } from '../local/example-variables.ts';
import { environmentWith, LocalConfig, localVariables, wantsCallers } from '../local/local-config.ts';
import { refuseUnwritableLog } from '../local/log/log-output.ts';
import { prepareDataFolder } from '../local/private-files.ts';
import { ManifestUnread, manifestVariables, readManifestFile } from '../local/read-manifest.ts';
import { startSystem } from '../local/system.ts';
import { silentServices, welcome } from '../local/welcome.ts';
import { readConfig } from '../src/runtime/read-config.ts';
import { whyNotAllowed } from '../src/transport/model/credential-policy.ts';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

/**
 * What may be garbage before V8 collects, in hundredths of what lives: by itself it lets three times that gather, which is
 * twice the memory after 20,000 executions.
 */
const heapGrowingPercent = 50;

async function main(): Promise<void> {
  const text = textInsteadOfStart(process.argv.slice(2));
  if (text !== undefined) return console.log(text);
  const ends: (() => Promise<void>)[] = [];
  let ending: Promise<never> | undefined;
  const end = (code: number): Promise<never> => {
    ending ??= (async () => {
      for (const stop of ends.splice(0).reverse()) await stop().catch(() => undefined);
      process.exit(code);
    })();
    return ending;
  };
  setFlagsFromString(`--heap-growing-percent=${heapGrowingPercent}`);
  talkOnWithoutListeners();
  onDeath();
  onRequestToEnd(() => void end(0));
  try {
    await start(ends);
  } catch (error) {
    console.error(oneLine(error));
    await end(1);
  }
}

async function start(ends: (() => Promise<void>)[]): Promise<void> {
  const env = environmentWith('.env', process.env);
  const config = readConfig(LocalConfig, env);
  const authenticated = wantsCallers(config);
  for (const fault of envFileFaultsOf(config)) console.error(`.env: ${fault}`);
  delete process.env['ADMIN_KEY'];
  delete process.env['METRICS_TOKEN'];
  delete process.env['OTEL_EXPORTER_OTLP_HEADERS'];
  const dataDir = resolve(config.ORCHESTRATOR_DATA_DIR);
  prepareDataFolder(dataDir);
  const release = claimDataFolder(dataDir);
  ends.push(async () => release());
  refuseUnwritableLog(config.LOG_OUTPUT);
  const variables = exampleEnvironment(env, { dataDir, started: config.EXAMPLE_SERVICES === 'on' });
  const { manifest, explained } = await readManifestFile(config.ORCHESTRATOR_MANIFEST, variables);
  const system = await startSystem({
    host: config.HOST,
    port: config.PORT,
    stepFunctionsPort: config.STEP_FUNCTIONS_PORT,
    dynamodbPort: config.DYNAMODB_PORT,
    durability: config.DURABILITY,
    dataDir,
    env: process.env,
    manifest,
    defaultWorkflow: config.DEFAULT_WORKFLOW,
    authenticated,
    adminKey: config.ADMIN_KEY,
    rateLimits: config.RATE_LIMITS,
    tokenIssuers: config.TOKEN_ISSUERS,
    metricsToken: config.METRICS_TOKEN,
    allowLocalDrivers: config.ALLOW_LOCAL_DRIVERS === 'on',
    dockerHost: config.DOCKER_HOST,
    webhooks: webhooksOf(config),
    allowedHosts: config.ALLOWED_HOSTS,
    allowedOrigins: config.ALLOWED_ORIGINS,
    allowedNetworks: config.EGRESS_ALLOWED_NETWORKS,
    credentials: {
      allowed: config.CREDENTIALS_ALLOWED,
      sources: createLocalStores(() => environmentWith('.env', process.env)),
    },
    retentionDays: config.RETENTION_DAYS,
    auditRetentionDays: config.AUDIT_RETENTION_DAYS,
    usage: config.USAGE,
    metricsRetentionDays: config.METRICS_RETENTION_DAYS,
    tracing: {
      endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
      headers: config.OTEL_EXPORTER_OTLP_HEADERS,
      serviceName: config.OTEL_SERVICE_NAME,
      share: config.OTEL_TRACES_SAMPLER_ARG,
    },
    registryNamespace: config.REGISTRY_NAMESPACE,
    serviceRegistryUrl: config.SERVICE_REGISTRY_URL,
    logLevel: config.LOG_LEVEL,
    logOutput: config.LOG_OUTPUT,
    logFormat: config.LOG_FORMAT,
    logLimits: { maxBytes: config.LOG_MAX_BYTES, maxFiles: config.LOG_MAX_FILES },
    logPayloads: config.LOG_PAYLOADS,
  }).catch((error: unknown) => Promise.reject(explained(error)));
  ends.push(system.close);
  const { DEFAULT_WORKFLOW: defaultWorkflow, ADMIN_KEY } = config;
  const access = {
    authenticated,
    configuredKey: ADMIN_KEY !== undefined,
    firstKeyFile: system.firstKeyFile,
  };
  const silent = await silentServices(manifest);
  console.log(welcome(system.endpoints, { manifest, defaultWorkflow, access, silent }));
}

/** Throws where somebody is to be asked or told and there is nothing to sign with. */
const webhooksOf = ({
  SERVICE_SCALING_URL: scalingUrl,
  SERVICE_WEBHOOK_SECRET: secret,
  SERVICE_INSTANCE_MANAGEMENT_URL: url,
  SERVICE_MONITORING_URL: monitoringUrl,
}: LocalConfig) => {
  if (secret !== undefined) return { secret, url, scalingUrl, monitoringUrl };
  const named = {
    SERVICE_MONITORING_URL: monitoringUrl,
    SERVICE_SCALING_URL: scalingUrl,
    SERVICE_INSTANCE_MANAGEMENT_URL: url,
  };
  const [unsigned] = Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (unsigned === undefined) return undefined;
  throw new Error(
    `${unsigned} needs SERVICE_WEBHOOK_SECRET, which its requests are signed with: whsec_ and the output of openssl rand -base64 32`,
  );
};

function envFileFaultsOf({ ORCHESTRATOR_MANIFEST, CREDENTIALS_ALLOWED }: LocalConfig): string[] {
  if (!existsSync('.env')) return [];
  const credentials = Object.keys(environmentWith('.env', {})).filter(
    (name) => whyNotAllowed(CREDENTIALS_ALLOWED, `env://${name}`) === undefined,
  );
  const known = [...localVariables, ...manifestVariables(ORCHESTRATOR_MANIFEST), ...credentials];
  return envFileFaults(readFileSync('.env', 'utf8'), known);
}

/** A person reads this: what is wrong, and what to do. */
function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const [what] = text.split('\n');
  if (error instanceof ManifestUnread) return `Cannot start: ${what}; ORCHESTRATOR_MANIFEST names the file`;
  const listening = error instanceof Error && 'syscall' in error && error.syscall === 'listen';
  if (!listening) return `Cannot start: ${what}`;
  const advice =
    'code' in error && error.code === 'EADDRNOTAVAIL'
      ? 'HOST names an address of this machine'
      : 'the port is taken or not for everybody, name another one with PORT, STEP_FUNCTIONS_PORT or DYNAMODB_PORT';
  return `Cannot start: ${what}; ${advice}`;
}

// What is written here and by the processes that are started is for nobody else on this machine.
process.umask(0o077);
await main().catch((error: unknown) => {
  console.error(oneLine(error));
  process.exitCode = 1;
});
