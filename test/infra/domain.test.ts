import { beforeAll, describe, expect, it } from 'vitest';
import { type Synthesized, synthesize } from './synthesized.ts';
import { TemplateReader } from './template-reader.ts';

const certificateArn = 'arn:aws:acm:eu-central-1:000000000000:certificate/one';

let system: Synthesized;
let read: TemplateReader;
beforeAll(async () => {
  system = await synthesize({ settings: { domain: { name: 'orchestrator.example.org', certificateArn } } });
  read = new TemplateReader(system.api);
}, 60_000);

const outputValue = (name: string) => system.api.findOutputs(name)[name]?.['Value'];

describe('an API with a name of its own', () => {
  it('answers there with its certificate, in TLS 1.2 at least', () => {
    system.api.hasResourceProperties('AWS::ApiGateway::DomainName', {
      DomainName: 'orchestrator.example.org',
      RegionalCertificateArn: certificateArn,
      SecurityPolicy: 'TLS_1_2',
      EndpointConfiguration: { Types: ['REGIONAL'] },
    });
    system.api.hasResourceProperties('AWS::ApiGateway::BasePathMapping', {
      RestApiId: { Ref: 'ApiRest4DEC74FE' },
      Stage: { Ref: 'ApiRestDeploymentStagedev0D112611' },
    });
  });

  it('says what the DNS record of the name has to point to', () => {
    const [id] = read.ids('AWS::ApiGateway::DomainName');
    expect(outputValue('DomainTarget')).toEqual({ 'Fn::GetAtt': [id, 'RegionalDomainName'] });
  });

  it('is printed, and checked where it answers before any DNS record leads to the name', () => {
    expect(outputValue('Rest')).toBe('https://orchestrator.example.org/');
    expect(outputValue('Mcp')).toBe('https://orchestrator.example.org/mcp');
    const { Properties } = read.resource('SmokeCheck8A1FFC52');
    expect(JSON.stringify(Properties['Url'])).toContain('.execute-api.');
  });
});
