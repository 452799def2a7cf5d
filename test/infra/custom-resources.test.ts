import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Synthesized, synthesize } from './synthesized.ts';
import { arn, arnOf, TemplateReader } from './template-reader.ts';

let system: Synthesized;
let workflows: TemplateReader;
let api: TemplateReader;
beforeAll(async () => {
  system = await synthesize();
  workflows = new TemplateReader(system.workflows);
  api = new TemplateReader(system.api);
}, 60_000);

const Named = z.object({ name: z.string() });
const ManifestText = z
  .string()
  .transform((text) => JSON.parse(text))
  .pipe(z.strictObject({ services: z.array(Named), workflows: z.array(Named) }));

describe('the manifest', () => {
  const manifest = () => workflows.resource('Manifest5C3B0DCE');

  it('is told to the registry by apply-manifest, within five minutes', () => {
    expect(manifest()).toMatchObject({
      Type: 'Custom::Manifest',
      Properties: { ServiceToken: arnOf(workflows.functionId('apply-manifest')), ServiceTimeout: '300' },
    });
  });

  it('holds services and workflows, with the machine of each workflow', () => {
    const { services, workflows: defined } = ManifestText.parse(manifest().Properties['Manifest']);
    expect(services.map(({ name }) => name)).toEqual(['gmail', 'classifier', 'graph', 'notify']);
    expect(defined.map(({ name }) => name)).toEqual([
      'process-email',
      'process-inbox',
      'process-and-notify',
      'smoke-check',
    ]);
    expect(manifest().Properties['Machines']).toEqual({
      'process-email': arn('states', 'stateMachine:orch-dev-m_process-email-174cffb96a'),
      'process-inbox': arn('states', 'stateMachine:orch-dev-m_process-inbox-dfa25e5f87'),
      'process-and-notify': arn('states', 'stateMachine:orch-dev-m_process-and-notify-b9bf8f4c80'),
      'smoke-check': arn('states', 'stateMachine:orch-dev-m_smoke-check-de28cba4df'),
    });
  });

  it('is told after its machines are there, and goes before they do', () => {
    expect(manifest().DependsOn).toEqual(
      expect.arrayContaining([
        'Workflowsprocessemail6D0C5925',
        'WorkflowsprocessinboxCC941447',
        'Workflowsprocessandnotify5819F7AC',
        'WorkflowssmokecheckCF8CFB6F',
      ]),
    );
  });

  /** Each service has about 500 bytes. */
  const withServices = (count: number) => ({
    services: Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        `service-${index}`,
        { transport: 'rest', url: 'https://one.example.org', description: 'é'.repeat(200) },
      ]),
    ),
  });

  it('fails the synthesis when it is larger than a deployment takes', async () => {
    await expect(synthesize({ document: withServices(420) })).rejects.toThrow(
      /^The manifest has 2\d{5} bytes, and a deployment takes 200000: define some workflows through the API$/,
    );
    const { workflows: template } = await synthesize({ document: withServices(300) });
    template.resourceCountIs('Custom::Manifest', 1);
  }, 60_000);
});

describe('the machines of run time', () => {
  it('are checked with each deployment, and removed with the stack, by check-machines', () => {
    expect(workflows.resource('RunTimeMachines5C60076A')).toMatchObject({
      Type: 'Custom::RunTimeMachines',
      DeletionPolicy: 'Delete',
      Properties: {
        ServiceToken: arnOf(workflows.functionId('check-machines')),
        ServiceTimeout: '900',
        Fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    });
  });
});

describe('the smoke check', () => {
  const check = () => api.resource('SmokeCheck8A1FFC52');

  it('uses the API where clients call it, with the workflow that waits', () => {
    expect(check()).toMatchObject({
      Type: 'Custom::SmokeCheck',
      Properties: {
        ServiceToken: arnOf(api.functionId('smoke-check')),
        ServiceTimeout: '360',
        Workflow: 'smoke-check',
        Url: { 'Fn::Join': ['', expect.arrayContaining([{ Ref: 'ApiRest4DEC74FE' }])] },
      },
    });
  });

  it('comes after everything that answers', () => {
    const { DependsOn } = check();
    for (const type of [
      'AWS::ApiGateway::Authorizer',
      'AWS::ApiGateway::Deployment',
      'AWS::ApiGateway::GatewayResponse',
      'AWS::ApiGateway::Method',
      'AWS::ApiGateway::Stage',
    ]) {
      const ids = api.ids(type);
      expect(ids).not.toEqual([]);
      expect(DependsOn).toEqual(expect.arrayContaining(ids));
    }
  });

  it('comes after the manifest, since the stack of the API waits for that of workflows', () => {
    expect(system.stacks.api.dependencies).toContain(system.stacks.workflows);
  });
});

describe('a fingerprint', () => {
  const fingerprint = () => api.resource('SmokeCheck8A1FFC52').Properties['Fingerprint'];

  it('is the same for the same, and another when a setting is', async () => {
    const fingerprintWith = async (retentionDays: number) =>
      new TemplateReader((await synthesize({ settings: { retentionDays } })).api).resource(
        'SmokeCheck8A1FFC52',
      ).Properties['Fingerprint'];
    expect(await fingerprintWith(90)).toBe(fingerprint());
    expect(await fingerprintWith(91)).not.toBe(fingerprint());
    expect(workflows.resource('RunTimeMachines5C60076A').Properties['Fingerprint']).toBe(fingerprint());
  }, 60_000);
});
