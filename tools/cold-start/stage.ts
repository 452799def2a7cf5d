/**
 * What a function meets when it starts: DynamoDB and Step Functions of local mode, two services, Secrets Manager and
 * CloudFormation that answer at once, all on loopback and in other processes than the one that is measured.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { startSystem } from '../../local/system.ts';
import { sdkDocuments } from '../../src/aws/sdk-documents.ts';
import { Table } from '../../src/aws/table.ts';
import { createExecutionStore } from '../../src/executions/store/execution-store.ts';
import { startCloudFormation, startIssuer, startSecretsManager, startService } from './peers.ts';

export interface Stage {
  /** What the bundles find in their environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly adminKey: string;
  /** Of an issuer whose tokens are taken. */
  readonly token: string;
  /** Where the answer of a custom resource goes. */
  readonly cloudFormation: string;
  /** Carries out an operation of the orchestrator; throws when it is refused. */
  operate(operation: string, input?: object): Promise<Record<string, unknown>>;
  /** Marks an execution as being cancelled, without anything that goes on with it. */
  beginCancelling(executionId: string): Promise<void>;
  close(): Promise<void>;
}

const logFile = 'log';
const adminKey = 'cold-start-admin-key';
const audience = 'https://orchestrator.example.org';
const adminKeySecret = 'orchestrator/local/admin-key';

/** Two registered services: `rest`, and `mcp` with the tools `take` and `give-back`. */
export async function setStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-cold-start-'));
  const [service, secrets, cloudFormation, issuer] = await Promise.all([
    startService(),
    startSecretsManager(adminKeySecret, adminKey),
    startCloudFormation(),
    startIssuer(audience),
  ]);
  const system = await startSystem({
    host: '127.0.0.1',
    port: 0,
    stepFunctionsPort: 0,
    dynamodbPort: 0,
    dataDir: folder,
    env: process.env,
    manifest: { services: [], workflows: [] },
    defaultWorkflow: undefined,
    adminKey: undefined,
    allowedHosts: [],
    allowedNetworks: [],
    retentionDays: 30,
    logLevel: 'INFO',
    logOutput: `file:${join(folder, logFile)}`,
  });
  const { endpoints } = system;
  const { dynamodb, stepFunctions } = endpoints;
  if (dynamodb === undefined || stepFunctions === undefined) throw new Error('A port is not open');
  const operate = async (operation: string, input: object = {}): Promise<Record<string, unknown>> => {
    const response = await fetch(`${endpoints.api}/tools/${operation}`, {
      method: 'POST',
      body: JSON.stringify(input),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${operation} was refused: ${text}`);
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  };
  const documents = sdkDocuments({
    endpoint: dynamodb,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const executions = createExecutionStore(new Table(documents, 'orchestrator-executions'));
  for (const transport of ['rest', 'mcp'])
    await operate('register_service', { name: transport, transport, url: service.url });
  return {
    environment: environmentOf({ dynamodb, stepFunctions, secrets: secrets.url, issuer: issuer.url }, folder),
    adminKey,
    token: issuer.token,
    cloudFormation: cloudFormation.url,
    operate,
    async beginCancelling(executionId) {
      const closing = {
        status: 'CANCELLING',
        ending: 'CANCELLED',
        closingAt: new Date().toISOString(),
      } as const;
      if (!(await executions.beginClosing(executionId, closing))) throw new Error(`${executionId} has ended`);
    },
    async close() {
      documents.close();
      await system.close();
      await Promise.all([service, secrets, cloudFormation, issuer].map((peer) => peer.close()));
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const account = '000000000000';

/** As in Lambda, with credentials in the environment; only where AWS answers is another. */
const environmentOf = (
  {
    dynamodb,
    stepFunctions,
    secrets,
    issuer,
  }: Readonly<Record<'dynamodb' | 'stepFunctions' | 'secrets' | 'issuer', string>>,
  home: string,
) => ({
  HOME: home,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_SESSION_TOKEN: 'local',
  AWS_LAMBDA_FUNCTION_NAME: 'cold-start',
  AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
  AWS_ENDPOINT_URL_SFN: stepFunctions,
  AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets,
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  STAGE: 'local',
  LOG_LEVEL: 'INFO',
  LOG_OUTPUT: 'console',
  REGISTRY_TABLE: 'orchestrator-registry',
  INSTANCES_TABLE: 'orchestrator-instances',
  EXECUTIONS_TABLE: 'orchestrator-executions',
  TELEMETRY_TABLE: 'orchestrator-telemetry',
  ACCESS_TABLE: 'orchestrator-access',
  AUDIT_TABLE: 'orchestrator-audit',
  AUDIT_RETENTION_DAYS: '365',
  REVOCATION_SECONDS: '60',
  RETENTION_DAYS: '30',
  UNDO_MACHINE_ARN: `arn:aws:states:us-east-1:${account}:stateMachine:orchestrator-local-undo`,
  CHANGE_MACHINE_ARN: `arn:aws:states:us-east-1:${account}:stateMachine:orchestrator-local-changes`,
  MACHINE_PREFIX: 'orch-local-',
  MACHINE_ROLE_ARN: `arn:aws:iam::${account}:role/orchestrator-local-machines`,
  RUN_STEP_FUNCTION: `arn:aws:lambda:us-east-1:${account}:function:run-step`,
  ADMIN_KEY_SECRET_ID: adminKeySecret,
  TOKEN_ISSUERS: JSON.stringify([
    { issuer, name: 'id', audiences: [audience], jwksUri: `${issuer}/jwks`, defaultRole: 'viewer' },
  ]),
  EGRESS_ALLOWED_NETWORKS: '127.0.0.0/8',
});
