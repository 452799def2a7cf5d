import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSettings } from '../../lib/settings.ts';
import { loadSettings } from '../../lib/settings-file.ts';

const manifest = 'orchestrator.yaml';

describe('settings', () => {
  it('need a manifest, and say what else holds without being told', () => {
    expect(parseSettings('prod', { manifest })).toEqual({
      stage: 'prod',
      manifest: 'orchestrator.yaml',
      retentionDays: 90,
      auditRetentionDays: 365,
      metricsRetentionDays: 30,
      logRetentionDays: 30,
      logLevel: 'INFO',
      logPayloads: [],
      allowedNetworks: [],
      credentials: [],
      allowedOrigins: [],
      tokenIssuers: [],
      rateLimits: { reads: 12_000, writes: 6_000, destructive: 300 },
      drivenFunctions: [],
      eventBus: false,
      metrics: 'stage',
      dashboard: true,
      alarms: { failedRate: 0.1, apiP99Ms: 26_000 },
      throttling: { ratePerSecond: 100, burst: 200 },
      keepData: true,
    });
  });

  it('take everything that can be told', () => {
    const all = {
      account: '123456789012',
      region: 'eu-central-1',
      manifest,
      defaultWorkflow: 'process-email',
      retentionDays: 3650,
      auditRetentionDays: 3650,
      metricsRetentionDays: 400,
      logRetentionDays: 731,
      logLevel: 'ERROR',
      logPayloads: ['workflow:process-email', 'service:gmail'],
      allowedNetworks: ['10.20.0.0/16', 'fd00::/8', '192.0.2.7/32'],
      credentials: ['secret://mail/*@mail.example.com'],
      allowedOrigins: ['https://app.example.org'],
      alarmEmail: 'ops@example.org',
      domain: {
        name: 'orchestrator.example.org',
        certificateArn: 'arn:aws:acm:eu-central-1:1:certificate/a',
      },
      tokenIssuer: 'https://id.example.org/realms/one',
      tokenIssuers: [
        {
          issuer: 'https://id.example.org/realms/one',
          name: 'id',
          audiences: ['https://orchestrator.example.org'],
          algorithms: ['ES256'],
          roleClaim: 'groups',
          roles: { admins: 'admin' as const },
          scopes: ['orchestrator'],
        },
      ],
      rateLimits: { reads: 600, destructive: 1 },
      registryNamespace: 'org.example.orchestrator',
      serviceRegistryUrl: 'https://registry.example.org',
      ecs: {
        cluster: 'services',
        subnets: ['subnet-0a1b2c3d'],
        securityGroups: ['sg-0c3d4e5f'],
        taskDefinitions: ['gmail-mcp'],
        roles: ['arn:aws:iam::123456789012:role/gmail-task'],
        reach: 'private',
        network: '10.20.0.0/16',
      },
      drivenFunctions: ['classifier-mcp'],
      webhooks: {
        secretArn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:webhooks-AbCdEf',
        instanceManagementUrl: 'https://fleet.example.org/instances',
        scalingUrl: 'https://fleet.example.org/scaling',
        monitoringUrl: 'https://monitor.example.org/events',
      },
      eventBus: true,
      metrics: 'services' as const,
      dashboard: false,
      alarms: { failedRate: 1, apiP99Ms: 29_000 },
      throttling: { ratePerSecond: 1, burst: 1 },
      keepData: false,
    };
    expect(parseSettings('prod', all)).toEqual({ ...all, stage: 'prod' });
  });

  it('name every fault at once, with the file that they are in', () => {
    const wrong = {
      retentionDays: 0,
      logRetentionDays: 8,
      allowedNetworks: ['10.0.0.0/8', '10.0.0.0/33', '10.0.0.0', '300.0.0.0/8'],
      credentials: ['secret://mail/*@mail.example.com'],
      allowedOrigins: ['https://app.example.org/page'],
      alarmEmail: 'ops',
      domain: { name: 'orchestrator.example.org' },
      tokenIssuer: 'http://id.example.org',
      alarmMail: 'ops@example.org',
    };
    const network = 'must be a network in CIDR form, such as 10.20.0.0/16';
    expect(() => parseSettings('prod', wrong)).toThrow(
      new Error(
        [
          'config/prod.ts is not valid: manifest: is required',
          'retentionDays: Too small: expected number to be >=1',
          'logRetentionDays: Invalid option: expected one of 1|3|5|7|14|30|60|90|120|150|180|365|400|545|731',
          `allowedNetworks[1]: ${network}`,
          `allowedNetworks[2]: ${network}`,
          `allowedNetworks[3]: ${network}`,
          'allowedOrigins[0]: must be an origin such as https://app.example.com, without a path',
          'alarmEmail: must be an email address',
          'domain.certificateArn: must be the arn of a certificate of ACM for the name',
          'tokenIssuer: must be an https URL without query, such as https://id.example.org',
          'alarmMail: is not a known field',
        ].join('; '),
      ),
    );
  });

  it.each([
    ['an account that is not a number', { account: '12' }, 'account: must be an account number of 12 digits'],
    ['a region that is a city', { region: 'Frankfurt' }, 'region: must be a region such as eu-central-1'],
    [
      'an IPv6 prefix beyond 128',
      { allowedNetworks: ['fd00::/129'] },
      'allowedNetworks[0]: must be a network',
    ],
    ['a host without a domain', { domain: { name: 'localhost' } }, 'domain.name: must be a host name'],
    [
      'an issuer with a query',
      { tokenIssuer: 'https://id.example.org?a=1' },
      'tokenIssuer: must be an https',
    ],
    [
      'a namespace that is no host name',
      { registryNamespace: 'orchestrator' },
      'registryNamespace: must be a host name read backwards',
    ],
    [
      'a registry with a password in its url',
      { serviceRegistryUrl: 'https://user:secret@registry.example.org' },
      'serviceRegistryUrl: must be an http or https URL without user, password or fragment',
    ],
    [
      'no throttling at all',
      { throttling: { ratePerSecond: 0, burst: 1 } },
      'throttling.ratePerSecond: Too small',
    ],
    [
      'a cluster whose tasks are called in a network that is not named',
      {
        ecs: {
          cluster: 'services',
          subnets: ['subnet-0a1b2c3d'],
          securityGroups: ['sg-0c3d4e5f'],
          taskDefinitions: ['gmail-mcp'],
          reach: 'private',
        },
      },
      'ecs.network: is required',
    ],
    ['text for a switch', { keepData: 'no' }, 'keepData: Invalid input: expected boolean, received string'],
  ])('refuse %s', (_what, wrong, message) => {
    expect(() => parseSettings('prod', { manifest, ...wrong })).toThrow(
      `config/prod.ts is not valid: ${message}`,
    );
  });

  it('say so when a file exports none', () => {
    expect(() => parseSettings('prod', undefined)).toThrow(
      'config/prod.ts is not valid: settings: Invalid input: expected object, received undefined',
    );
  });
});

describe('the settings of a stage', () => {
  it('are those of its file, and every file that is here is right', async () => {
    const stages = (await readdir(new URL('../../config/', import.meta.url))).map((file) =>
      file.replace(/\.ts$/, ''),
    );
    expect(stages.sort()).toEqual(['dev', 'local', 'prod']);
    for (const stage of stages) expect(await loadSettings(stage)).toMatchObject({ stage });
  });

  it('keep data in production only', async () => {
    expect((await loadSettings('prod')).keepData).toBe(true);
    expect((await loadSettings('dev')).keepData).toBe(false);
  });

  it.each(['my-stage', 'Prod', '1st', '', 'a'.repeat(21), '../package', undefined, 5])(
    'are not looked for when %j names no stage',
    async (stage) => {
      await expect(loadSettings(stage)).rejects.toThrow(
        /^The stage .*\(-c stage=…\) must be 1 to 20 lower case letters and digits, a letter first$/,
      );
    },
  );
});

describe('the synthesis', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orchestrator-settings-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const synthesizeAs = (context: object) =>
    promisify(execFile)(process.execPath, ['--import', 'tsx', 'bin/orchestrator.ts'], {
      timeout: 20_000,
      env: { ...process.env, CDK_CONTEXT_JSON: JSON.stringify(context), CDK_OUTDIR: folder },
    });

  it.each([
    [
      'has no file',
      { stage: 'nosuch' },
      'There is no config/nosuch.ts: write one like config/prod.ts for this stage',
    ],
    ['has a hyphen', { stage: 'my-stage' }, 'The stage "my-stage" (-c stage=…) must be'],
    ['is not named', {}, '(-c stage=…) must be'],
  ])('fails when the stage %s, and says what to do', async (_what, context, message) => {
    await expect(synthesizeAs(context)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining(message),
    });
    expect(await readdir(folder)).toEqual([]);
  });
});
