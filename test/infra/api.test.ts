import { Match } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Synthesized, synthesize } from './synthesized.ts';
import { arnOf, TemplateReader } from './template-reader.ts';

let system: Synthesized;
let read: TemplateReader;
beforeAll(async () => {
  system = await synthesize({ settings: { throttling: { ratePerSecond: 70, burst: 150 } } });
  read = new TemplateReader(system.api);
}, 60_000);

const InResource = z.object({ PathPart: z.string(), ParentId: z.unknown() });
const ById = z.object({ Ref: z.string() });

/** Path of a resource of the API; the root is not a resource of its own. */
function pathOf(read: TemplateReader, reference: unknown): string {
  const byId = ById.safeParse(reference);
  if (!byId.success) return '';
  const { PathPart, ParentId } = InResource.parse(read.resource(byId.data.Ref).Properties);
  return `${pathOf(read, ParentId)}/${PathPart}`;
}

const methodsOf = (read: TemplateReader) =>
  read
    .resources('AWS::ApiGateway::Method')
    .map(([, { HttpMethod, ResourceId, AuthorizationType, AuthorizerId }]) => [
      `${HttpMethod} ${pathOf(read, ResourceId) || '/'}`,
      { AuthorizationType, AuthorizerId },
    ]);

const everything = '{proxy+}';

describe('the REST API', () => {
  it('asks the authorizer on every method but health and the documents for clients', () => {
    const asking = { AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: 'ApiAuthorizer787544C1' } };
    const open = { AuthorizationType: 'NONE', AuthorizerId: undefined };
    expect(Object.fromEntries(methodsOf(read))).toEqual({
      'ANY /': asking,
      [`ANY /${everything}`]: asking,
      'GET /healthz': open,
      [`GET /.well-known/${everything}`]: open,
    });
  });

  it('lets preflights through to the function, where pages may call, and nothing else without a key', async () => {
    const pages = await synthesize({ settings: { allowedOrigins: ['https://app.example.org'] } });
    const open = { AuthorizationType: 'NONE', AuthorizerId: undefined };
    expect(Object.fromEntries(methodsOf(new TemplateReader(pages.api)))).toMatchObject({
      'OPTIONS /': open,
      [`OPTIONS /${everything}`]: open,
      'OPTIONS /healthz': open,
      [`OPTIONS /.well-known/${everything}`]: open,
      [`ANY /${everything}`]: { AuthorizationType: 'CUSTOM' },
    });
    pages.api.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ ALLOWED_ORIGINS: 'https://app.example.org' }) },
    });
  }, 60_000);

  it('has an authorizer that sees the request, is asked once in half a minute for a key, and never without one', () => {
    system.api.resourceCountIs('AWS::ApiGateway::Authorizer', 1);
    system.api.hasResourceProperties('AWS::ApiGateway::Authorizer', {
      Type: 'REQUEST',
      IdentitySource: 'method.request.header.Authorization',
      AuthorizerResultTtlInSeconds: 30,
      AuthorizerUri: { 'Fn::Join': ['', Match.arrayWith([arnOf(read.functionId('authorizer'))])] },
    });
  });

  it.each(['api', 'authorizer'])('may invoke %s', (name) => {
    system.api.hasResourceProperties('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunction',
      FunctionName: arnOf(read.functionId(name)),
      Principal: 'apigateway.amazonaws.com',
      SourceArn: { 'Fn::Join': ['', Match.arrayWith([{ Ref: 'ApiRest4DEC74FE' }])] },
    });
  });

  it('hands every request to the api function as it is', () => {
    system.api.allResourcesProperties('AWS::ApiGateway::Method', {
      Integration: {
        Type: 'AWS_PROXY',
        IntegrationHttpMethod: 'POST',
        Uri: { 'Fn::Join': ['', Match.arrayWith([arnOf(read.functionId('api'))])] },
      },
    });
  });

  it('is regional, and has the name of its stage, since its metrics are by name', () => {
    system.api.hasResourceProperties('AWS::ApiGateway::RestApi', {
      Name: 'orchestrator-dev',
      EndpointConfiguration: { Types: ['REGIONAL'] },
      DisableExecuteApiEndpoint: Match.absent(),
    });
    system.api.resourceCountIs('AWS::ApiGateway::DomainName', 0);
  });
});

describe('the stage of the API', () => {
  const stage = () =>
    z
      .object({ AccessLogSetting: z.object({ DestinationArn: z.unknown(), Format: z.string() }) })
      .loose()
      .parse(read.resource('ApiRestDeploymentStagedev0D112611').Properties);

  it('is throttled as the settings say, and health more than the rest', () => {
    const logged = { DataTraceEnabled: false, LoggingLevel: 'ERROR' };
    expect(stage()).toMatchObject({
      StageName: 'dev',
      MethodSettings: [
        {
          ...logged,
          HttpMethod: '*',
          ResourcePath: '/*',
          ThrottlingBurstLimit: 150,
          ThrottlingRateLimit: 70,
        },
        {
          ...logged,
          HttpMethod: 'GET',
          ResourcePath: '/~1healthz',
          ThrottlingBurstLimit: 20,
          ThrottlingRateLimit: 10,
        },
      ],
    });
  });

  it('logs who asked for what and with which outcome, and neither headers nor payloads', () => {
    const { DestinationArn, Format } = stage().AccessLogSetting;
    expect(DestinationArn).toEqual(arnOf(read.idOf('AWS::Logs::LogGroup', 'AccessLog')));
    expect(JSON.parse(Format)).toEqual({
      requestId: '$context.requestId',
      requestTime: '$context.requestTime',
      ip: '$context.identity.sourceIp',
      caller: '$context.authorizer.principalId',
      method: '$context.httpMethod',
      path: '$context.path',
      status: '$context.status',
      responseLength: '$context.responseLength',
      responseMs: '$context.responseLatency',
      gatewayError: '$context.error.responseType',
    });
  });
});

describe('the admin key', () => {
  it('is made by Secrets Manager, of 48 letters and digits', () => {
    system.api.resourceCountIs('AWS::SecretsManager::Secret', 1);
    system.api.hasResourceProperties('AWS::SecretsManager::Secret', {
      GenerateSecretString: { PasswordLength: 48, ExcludePunctuation: true },
      SecretString: Match.absent(),
    });
  });
});

describe('the outputs', () => {
  it('say where to call, and where the key is, but not the key', () => {
    const url = ['https://', { Ref: 'ApiRest4DEC74FE' }, '.execute-api.', { Ref: 'AWS::Region' }];
    const rest = [...url, '.', { Ref: 'AWS::URLSuffix' }, '/', { Ref: 'ApiRestDeploymentStagedev0D112611' }];
    const outputValue = (name: string) => system.api.findOutputs(name)[name]?.['Value'];
    expect(outputValue('Rest')).toEqual({ 'Fn::Join': ['', [...rest, '/']] });
    expect(outputValue('Mcp')).toEqual({ 'Fn::Join': ['', [...rest, '/mcp']] });
    expect(outputValue('AdminKeySecret')).toEqual({ Ref: 'AdminKeySecretCA126E48' });
  });
});
