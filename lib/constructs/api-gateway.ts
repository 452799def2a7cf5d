/**
 * The REST API in front of the api function. Every method asks the authorizer but `GET /healthz`, the documents
 * under `/.well-known/`, and preflights where pages may call; what a request may contain is decided by the function.
 */
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  AuthorizationType,
  EndpointType,
  IdentitySource,
  type IResource,
  LambdaIntegration,
  LogGroupLogDestination,
  type Method,
  MethodLoggingLevel,
  RequestAuthorizer,
  RestApi,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigateway';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { challengeOf } from '../../src/access/model/challenge.ts';
import { acceptFindings } from '../accepted-findings.ts';
import type { Settings } from '../settings.ts';
import { addGatewayAnswers } from './gateway-answers.ts';
import type { ServiceFunction } from './service-function.ts';

export interface ApiGatewayProps {
  readonly settings: Settings;
  readonly api: ServiceFunction;
  readonly authorizer: ServiceFunction;
  readonly apiUrl: ApiUrl | undefined;
}

/** Where an API answers, with a slash at the end. */
export type ApiUrl = (rest: RestApi) => string;

/** Errors only, and no payloads. */
const logging = { loggingLevel: MethodLoggingLevel.ERROR, dataTraceEnabled: false };

/** Who asked for what, and how it ended; no query, header or body. */
const accessLogFields = {
  requestId: AccessLogField.contextRequestId(),
  requestTime: AccessLogField.contextRequestTime(),
  ip: AccessLogField.contextIdentitySourceIp(),
  caller: AccessLogField.contextAuthorizerPrincipalId(),
  method: AccessLogField.contextHttpMethod(),
  path: AccessLogField.contextPath(),
  status: AccessLogField.contextStatus(),
  responseLength: AccessLogField.contextResponseLength(),
  responseMs: AccessLogField.contextResponseLatency(),
  /** Of what the gateway answered by itself. */
  gatewayError: AccessLogField.contextErrorResponseType(),
};

/**
 * How long a caller that was let in is not asked again. With the time for which the authorizer keeps a record it is less
 * than the minute in which a key that was revoked is refused (`REVOCATION_SECONDS`).
 */
const authorizedFor = Duration.seconds(30);

export class ApiGateway extends Construct {
  readonly rest: RestApi;
  /** Where clients call it. */
  readonly url: string;
  /** Where it answers from the first moment on: a name of one's own leads to it only later. */
  readonly ownUrl: string;
  /** What the DNS record of the API's own name has to point to. */
  readonly domainTarget: string | undefined;

  constructor(
    scope: Construct,
    id: string,
    { settings, api, authorizer, apiUrl = ({ url }) => url }: ApiGatewayProps,
  ) {
    super(scope, id);
    this.rest = this.#createRest(settings);
    this.ownUrl = apiUrl(this.rest);
    this.url = settings.domain ? `https://${settings.domain.name}/` : this.ownUrl;
    this.domainTarget = this.rest.domainName?.domainNameAliasDomainName;
    const { healthz, wellKnown, everything } = this.#addRoutes(api, authorizer);
    if (settings.allowedOrigins.length > 0)
      this.#addPreflights(api, [this.rest.root, everything, healthz, wellKnown]);
    // By the parts of the url: the url itself would wait for the deployment, which waits for these answers.
    const { region, urlSuffix } = Stack.of(this);
    const baseUrl = settings.domain
      ? `https://${settings.domain.name}`
      : `https://${this.rest.restApiId}.execute-api.${region}.${urlSuffix}/${settings.stage}`;
    addGatewayAnswers(this.rest, challengeOf(settings.tokenIssuers)({ baseUrl, path: '/' }));
    acceptFindings(this.rest, {
      APIG2: 'The function checks every request against the schema of its operation and names each fault',
      APIG3: 'Callers need a key and are throttled; a web ACL is the choice of the account',
      'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]':
        'The role with which API Gateway writes logs is of the account, and this policy is the one AWS documents',
    });
  }

  #createRest({ stage, throttling, logRetentionDays, domain }: Settings): RestApi {
    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return new RestApi(this, 'Rest', {
      // Metrics are by name, so another stage of the account must not share it.
      restApiName: `orchestrator-${stage}`,
      description: `Orchestrator Service, ${stage}`,
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      ...(domain && {
        domainName: {
          domainName: domain.name,
          certificate: Certificate.fromCertificateArn(this, 'Certificate', domain.certificateArn),
          securityPolicy: SecurityPolicy.TLS_1_2,
          endpointType: EndpointType.REGIONAL,
        },
      }),
      deployOptions: {
        stageName: stage,
        ...logging,
        throttlingRateLimit: throttling.ratePerSecond,
        throttlingBurstLimit: throttling.burst,
        methodOptions: {
          '/healthz/GET': { ...logging, throttlingRateLimit: 10, throttlingBurstLimit: 20 },
        },
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(accessLogFields)),
      },
    });
  }

  #addRoutes(api: ServiceFunction, authorizer: ServiceFunction) {
    const integration = integrationOf(api);
    const asking = {
      authorizationType: AuthorizationType.CUSTOM,
      authorizer: new RequestAuthorizer(this, 'Authorizer', {
        handler: authorizer.function,
        // A request without the header is answered 401 by the gateway itself.
        identitySources: [IdentitySource.header('Authorization')],
        resultsCacheTtl: authorizedFor,
      }),
    };
    const { root } = this.rest;
    const own = { COG4: 'A Lambda authorizer knows the callers; there is no user pool' };
    const everything = root.addResource('{proxy+}');
    for (const resource of [root, everything])
      acceptFindings(resource.addMethod('ANY', integration, asking), own);
    const healthz = root.addResource('healthz');
    const wellKnown = root.addResource('.well-known').addResource('{proxy+}');
    acknowledgeOpen(
      healthz.addMethod('GET', integration, open),
      'Load balancers and monitors ask for health without credentials; it names parts only',
    );
    acknowledgeOpen(
      wellKnown.addMethod('GET', integration, open),
      'Clients read here how to authenticate (RFC 8615); it tells nothing else',
    );
    return { healthz, wellKnown, everything };
  }

  /** A preflight carries no key (Fetch, CORS protocol). The function answers it, and nothing else of OPTIONS. */
  #addPreflights(api: ServiceFunction, resources: readonly IResource[]): void {
    for (const resource of resources)
      acknowledgeOpen(
        resource.addMethod('OPTIONS', integrationOf(api), open),
        'Browsers send preflights without credentials; the function answers those of the named pages only',
      );
  }
}

const integrationOf = (api: ServiceFunction): LambdaIntegration =>
  new LambdaIntegration(api.function, { scopePermissionToMethod: false });

const open = { authorizationType: AuthorizationType.NONE };

function acknowledgeOpen(method: Method, reason: string): void {
  acceptFindings(method, { COG4: reason, APIG4: reason });
}
