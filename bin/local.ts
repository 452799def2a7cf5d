/** `npm start`: keeps the whole system running on this machine until Ctrl-C or SIGTERM. */
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { startExampleServices } from '../local/example-services.ts';
import { environmentWith, LocalConfig, refuseOpenToOthers } from '../local/local-config.ts';
import { readManifest } from '../local/read-manifest.ts';
import { startSystem } from '../local/system.ts';
import { readConfig } from '../src/runtime/read-config.ts';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

async function main(): Promise<void> {
  const ends: (() => Promise<void>)[] = [];
  const end = async (code: number): Promise<never> => {
    for (const stop of ends.splice(0).reverse()) await stop().catch(() => undefined);
    process.exit(code);
  };
  const onSignal = (): void => void end(0);
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
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
  refuseOpenToOthers(config);
  // The processes that are started from here inherit the environment, and need no key.
  delete process.env['ADMIN_KEY'];
  const dataDir = resolve(config.ORCHESTRATOR_DATA_DIR);
  await mkdir(dataDir, { recursive: true });
  const examples =
    config.EXAMPLE_SERVICES === 'on'
      ? await startExampleServices({ env, dataDir })
      : { urls: {}, stop: async () => {} };
  ends.push(examples.stop);
  const system = await startSystem({
    host: config.HOST,
    port: config.PORT,
    stepFunctionsPort: config.STEP_FUNCTIONS_PORT,
    dynamodbPort: config.DYNAMODB_PORT,
    dataDir,
    manifest: await readManifest(config.ORCHESTRATOR_MANIFEST, { ...env, ...examples.urls }),
    defaultWorkflow: config.DEFAULT_WORKFLOW,
    adminKey: config.ADMIN_KEY,
    allowedHosts: config.ALLOWED_HOSTS,
    allowedNetworks: config.EGRESS_ALLOWED_NETWORKS,
    retentionDays: config.RETENTION_DAYS,
    registryNamespace: config.REGISTRY_NAMESPACE,
    serviceRegistryUrl: config.SERVICE_REGISTRY_URL,
    logLevel: config.LOG_LEVEL,
    logOutput: config.LOG_OUTPUT,
  });
  ends.push(system.close);
  console.log(
    welcome(system.endpoints, { services: { ...examples.urls }, keyed: config.ADMIN_KEY !== undefined }),
  );
}

function welcome(
  endpoints: { api: string; mcp: string; stepFunctions: string; dynamodb: string },
  { services, keyed }: { services: Record<string, string>; keyed: boolean },
): string {
  const rows = [
    ['REST', endpoints.api],
    ['MCP', endpoints.mcp],
    ['OpenAPI', `${endpoints.api}/openapi.json`],
    ['Step Functions', endpoints.stepFunctions],
    ['DynamoDB', endpoints.dynamodb],
    ...Object.entries(services).map(([variable, url]) => [variable, url]),
  ];
  const table = rows.map(([name = '', url]) => `  ${name.padEnd(24)}${url}`).join('\n');
  const key = keyed ? '-H "Authorization: Bearer $ADMIN_KEY" ' : '';
  return `Orchestrator is running.\n${table}\n\nTry:\n  curl -s -X POST ${endpoints.api}/tools/start_workflow ${key}-d '{"email_id": "abc123"}'\n\nCtrl-C ends it.`;
}

/** A person reads this: what is wrong, and what to do. */
function oneLine(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const text = error instanceof Error ? error.message : String(error);
  if (code === 'EADDRINUSE')
    return `Cannot start: ${text}; the port is taken, name another one with PORT, STEP_FUNCTIONS_PORT or DYNAMODB_PORT`;
  if (code === 'EACCES' || code === 'EROFS' || code === 'ENOTDIR' || code === 'EEXIST') {
    return `Cannot start: ${text}; name a folder that can be written with ORCHESTRATOR_DATA_DIR`;
  }
  return `Cannot start: ${text.split('\n')[0]}`;
}

await main();
