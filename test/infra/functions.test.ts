import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ServiceFunction } from '../../lib/constructs/service-function.ts';
import { lambdaFolders, type Synthesized, synthesize } from './synthesized.ts';
import { arn, arnOf, imported, referredBy, TemplateReader } from './template-reader.ts';

type Part = 'workflows' | 'api';
const parts = ['workflows', 'api'] as const;
const functionType = 'AWS::Lambda::Function';

let system: Synthesized;
let read: Record<Part, TemplateReader>;
beforeAll(async () => {
  system = await synthesize({
    settings: {
      defaultWorkflow: 'process-email',
      allowedNetworks: ['10.0.0.0/8', 'fd00::/8'],
      retentionDays: 14,
      logRetentionDays: 60,
      logLevel: 'DEBUG',
      tokenIssuer: 'https://id.example.org',
      tokenIssuers: [
        {
          issuer: 'https://id.example.org',
          name: 'id',
          audiences: ['https://api.example.org'],
          scopes: ['use'],
        },
      ],
      registryNamespace: 'org.example.orchestrator',
      serviceRegistryUrl: 'https://registry.example.org',
    },
  });
  read = { workflows: new TemplateReader(system.workflows), api: new TemplateReader(system.api) };
}, 60_000);

const variables = (part: Part, name: string) => read[part].function(name)['Environment'];

describe('the functions', () => {
  it('are the folders of lambdas/, each once', async () => {
    const { workflows, api, data, monitoring } = system.stacks;
    const functions = [workflows, api, data, monitoring]
      .flatMap((stack) => stack.node.findAll())
      .filter((node) => node instanceof ServiceFunction);
    expect(functions.map(({ node }) => node.id).sort()).toEqual(await lambdaFolders());
    const count = parts.flatMap((part) => read[part].ids(functionType)).length;
    expect(count).toBe(functions.length);
  });

  it('run their own bundles on arm64 with Node 22', () => {
    for (const part of parts) {
      system[part].allResourcesProperties(functionType, {
        Architectures: ['arm64'],
        Runtime: 'nodejs22.x',
        Handler: 'handler.handler',
      });
    }
    const bundles = parts.flatMap((part) =>
      read[part].resources(functionType).map(([, { Code }]) => JSON.stringify(Code)),
    );
    expect(new Set(bundles).size).toBe(13);
  });

  it.each([
    ['workflows', 'run-step', 900, 512],
    ['workflows', 'undo', 120, 512],
    ['workflows', 'record-execution', 30, 512],
    ['workflows', 'sweep', 120, 512],
    ['workflows', 'lifecycle', 120, 512],
    ['workflows', 'apply-manifest', 240, 512],
    ['workflows', 'refresh-services', 90, 512],
    ['workflows', 'check-health', 90, 512],
    ['workflows', 'check-machines', 840, 512],
    ['api', 'api', 29, 1024],
    ['api', 'authorizer', 10, 512],
    ['api', 'smoke-check', 300, 256],
  ] as const)('in %s ends %s after %i s and gives it %i MB', (part, name, seconds, megabytes) => {
    expect(read[part].function(name)).toMatchObject({ Timeout: seconds, MemorySize: megabytes });
  });

  it('wait for what they may do, so that a custom resource finds it granted', () => {
    for (const part of parts) {
      for (const id of read[part].ids(functionType)) {
        const { DependsOn, Properties } = read[part].resource(id);
        const role = referredBy(Properties['Role']);
        expect(DependsOn).toContainEqual(expect.stringContaining(`${role.slice(0, -8)}DefaultPolicy`));
      }
    }
  });
});

describe('what is deployed of a function', () => {
  it('is its bundle without the source maps beside it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orchestrator-function-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await mkdir(join(folder, 'bundles', 'sweep'), { recursive: true });
    for (const file of ['handler.mjs', 'handler.mjs.map', 'chunk-A.mjs', 'chunk-A.mjs.map'])
      await writeFile(join(folder, 'bundles', 'sweep', file), file);
    const app = new App({ outdir: join(folder, 'cdk.out') });
    new ServiceFunction(new Stack(app, 'stack'), 'sweep', {
      bundles: join(folder, 'bundles'),
      timeoutSeconds: 1,
      memoryMb: 128,
      logRetentionDays: 7,
      environment: {},
    });
    const { directory } = app.synth();
    const assets = (await readdir(directory)).filter((name) => name.startsWith('asset.'));
    const deployed = await Promise.all(assets.map((name) => readdir(join(directory, name))));
    expect(deployed).toEqual([['chunk-A.mjs', 'handler.mjs']]);
  });
});

describe('logs', () => {
  it('are of each function and of the API, and are kept as long as the settings say', () => {
    for (const part of parts) {
      system[part].allResourcesProperties(functionType, { LoggingConfig: { LogGroup: Match.anyValue() } });
      system[part].allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 60 });
    }
    system.workflows.resourceCountIs('AWS::Logs::LogGroup', 10);
    system.api.resourceCountIs('AWS::Logs::LogGroup', 4);
  });
});

describe('the environment', () => {
  it.each([
    ['workflows', 'run-step'],
    ['workflows', 'undo'],
    ['workflows', 'record-execution'],
    ['workflows', 'sweep'],
    ['api', 'api'],
  ] as const)('in %s tells %s the tables, the retention and the undo machine', (part, name) => {
    system[part].hasResource(functionType, {
      Properties: {
        Description: `${name} of orchestrator-dev-${part}`,
        Environment: {
          Variables: Match.objectLike({
            STAGE: 'dev',
            LOG_LEVEL: 'DEBUG',
            LOG_OUTPUT: 'console',
            RETENTION_DAYS: '14',
            REGISTRY_TABLE: imported('data:.*RefRegistryTable'),
            INSTANCES_TABLE: imported('data:.*RefInstancesTable'),
            EXECUTIONS_TABLE: imported('data:.*RefExecutionsTable'),
            TELEMETRY_TABLE: imported('data:.*RefTelemetryTable'),
            UNDO_MACHINE_ARN: arn('states', 'stateMachine:orchestrator-dev-undo'),
            CHANGE_MACHINE_ARN: arn('states', 'stateMachine:orchestrator-dev-changes'),
          }),
        },
      },
    });
  });

  it('tells the API what starts, and what machines of run time are made with', () => {
    expect(variables('api', 'api')).toMatchObject({
      Variables: {
        DEFAULT_WORKFLOW: 'process-email',
        TOKEN_ISSUER: 'https://id.example.org',
        REGISTRY_NAMESPACE: 'org.example.orchestrator',
        SERVICE_REGISTRY_URL: 'https://registry.example.org',
        MACHINE_PREFIX: 'orch-dev-',
        MACHINE_ROLE_ARN: { 'Fn::ImportValue': expect.stringContaining('WorkflowsRole') },
        RUN_STEP_FUNCTION: { 'Fn::ImportValue': expect.stringContaining('FunctionsrunstepFunction') },
      },
    });
  });

  it('tells those that call services which networks they may call', () => {
    const callers = parts.flatMap((part) =>
      read[part]
        .resources(functionType)
        .filter(([, properties]) => JSON.stringify(properties).includes('EGRESS_ALLOWED_NETWORKS')),
    );
    expect(callers.map(([, { Description }]) => Description)).toEqual([
      'run-step of orchestrator-dev-workflows',
      'undo of orchestrator-dev-workflows',
      'lifecycle of orchestrator-dev-workflows',
      'deliver-events of orchestrator-dev-workflows',
      'refresh-services of orchestrator-dev-workflows',
      'check-health of orchestrator-dev-workflows',
      'api of orchestrator-dev-api',
    ]);
    for (const [, properties] of callers) {
      expect(properties).toMatchObject({
        Environment: { Variables: { EGRESS_ALLOWED_NETWORKS: '10.0.0.0/8,fd00::/8' } },
      });
    }
  });

  it('tells what keeps machines in order where they are, and what applies the manifest no executions', () => {
    const stage = { STAGE: 'dev', LOG_LEVEL: 'DEBUG', LOG_OUTPUT: 'console' };
    const known = {
      ...stage,
      REGISTRY_TABLE: { 'Fn::ImportValue': expect.stringContaining('RegistryTable') },
      RUN_STEP_FUNCTION: arnOf(read.workflows.functionId('run-step')),
    };
    expect(variables('workflows', 'apply-manifest')).toEqual({
      Variables: {
        ...known,
        INSTANCES_TABLE: { 'Fn::ImportValue': expect.stringContaining('InstancesTable') },
      },
    });
    expect(variables('workflows', 'check-machines')).toEqual({
      Variables: {
        ...known,
        MACHINE_PREFIX: 'orch-dev-',
        MACHINE_ROLE_ARN: arnOf('WorkflowsRoleF3768BE0'),
      },
    });
  });

  it('names the secret of the admin key to those that read it, and never holds a key', () => {
    for (const name of ['authorizer', 'smoke-check']) {
      expect(variables('api', name)).toEqual({
        Variables: {
          STAGE: 'dev',
          LOG_LEVEL: 'DEBUG',
          LOG_OUTPUT: 'console',
          ADMIN_KEY_SECRET_ID: { Ref: 'AdminKeySecretCA126E48' },
          ...(name === 'authorizer' && {
            ACCESS_TABLE: { 'Fn::ImportValue': expect.stringContaining('RefAccessTable') },
            TOKEN_ISSUERS: expect.stringContaining('"issuer":"https://id.example.org"'),
          }),
        },
      });
    }
    expect(JSON.stringify(system.api.toJSON())).not.toContain('{{resolve:secretsmanager');
  });
});
