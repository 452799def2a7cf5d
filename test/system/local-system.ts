/** The whole local system for a test: a temporary store, free ports, and nothing left behind. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Authorize } from '../../local/authorization.ts';
import type { LocalWebhooks } from '../../local/drivers.ts';
import { type Endpoints, startSystem } from '../../local/system.ts';
import type { LocalCredentials, LocalTracing } from '../../local/system-options.ts';
import type { RateLimits } from '../../src/access/model/rate-limits.ts';
import type { TokenIssuer } from '../../src/access/model/token-issuer.ts';
import type { Manifest } from '../../src/manifest/model/manifest.ts';

export interface TestSystem {
  /** Every port is open. */
  readonly endpoints: Endpoints & { readonly stepFunctions: string; readonly dynamodb: string };
  readonly dataDir: string;
  close(): Promise<void>;
}

export const emptyManifest: Manifest = { services: [], workflows: [] };

export async function startTestSystem({
  manifest = emptyManifest,
  defaultWorkflow = undefined as string | undefined,
  adminKey = undefined as string | undefined,
  port = 0,
  rateLimits = {} as RateLimits,
  tokenIssuers = [] as readonly TokenIssuer[],
  metricsToken = undefined as string | undefined,
  authorize = undefined as Authorize | undefined,
  allowLocalDrivers = false,
  usage = 'on' as 'on' | 'off',
  serviceRegistryUrl = undefined as string | undefined,
  registryNamespace = undefined as string | undefined,
  allowedHosts = [] as readonly string[],
  allowedOrigins = [] as readonly string[],
  dockerHost = undefined as string | undefined,
  webhooks = undefined as LocalWebhooks | undefined,
  logPayloads = [] as readonly string[],
  tracing = undefined as LocalTracing | undefined,
  credentials = undefined as LocalCredentials | undefined,
} = {}): Promise<TestSystem> {
  const dataDir = await mkdtemp(join(tmpdir(), 'orchestrator-test-'));
  const system = await startSystem({
    host: '127.0.0.1',
    port,
    rateLimits,
    tokenIssuers,
    stepFunctionsPort: 0,
    dynamodbPort: 0,
    dataDir,
    env: process.env,
    manifest,
    defaultWorkflow,
    adminKey,
    metricsToken,
    authorize,
    allowLocalDrivers,
    usage,
    serviceRegistryUrl,
    registryNamespace,
    allowedHosts,
    allowedOrigins,
    dockerHost,
    webhooks,
    tracing,
    credentials,
    allowedNetworks: [],
    retentionDays: 30,
    logLevel: 'INFO',
    logPayloads,
    logOutput: `file:${join(dataDir, 'log')}`,
  });
  return {
    endpoints: { ...system.endpoints, ...listening(system.endpoints) },
    dataDir,
    async close() {
      await system.close();
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function listening({ stepFunctions, dynamodb }: Endpoints): { stepFunctions: string; dynamodb: string } {
  if (stepFunctions === undefined || dynamodb === undefined) throw new Error('A port is not open');
  return { stepFunctions, dynamodb };
}
