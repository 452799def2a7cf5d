/**
 * The REST API in front of the api function. Every method needs IAM authorisation but `GET /healthz`; what a
 * request may contain is decided by the function.
 */

import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  AuthorizationType,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import type { ServiceFunction } from './service-function.ts';

/** Errors only, and no payloads. */
const logging = { loggingLevel: MethodLoggingLevel.ERROR, dataTraceEnabled: false };

export class ApiGateway extends Construct {
  constructor(scope: Construct, id: string, { stage, api }: { stage: string; api: ServiceFunction }) {
    super(scope, id);
    const rest = new RestApi(this, 'Rest', {
      description: `Orchestrator Service, ${stage}`,
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      defaultMethodOptions: { authorizationType: AuthorizationType.IAM },
      deployOptions: {
        stageName: stage,
        ...logging,
        throttlingRateLimit: 100,
        throttlingBurstLimit: 200,
        methodOptions: {
          '/healthz/GET': { ...logging, throttlingRateLimit: 10, throttlingBurstLimit: 20 },
        },
        accessLogDestination: new LogGroupLogDestination(this.#accessLog()),
        accessLogFormat: AccessLogFormat.jsonWithStandardFields({
          caller: true,
          httpMethod: true,
          ip: true,
          protocol: true,
          requestTime: true,
          resourcePath: true,
          responseLength: true,
          status: true,
          user: true,
        }),
      },
    });
    const integration = new LambdaIntegration(api.function, {
      scopePermissionToMethod: false,
    });
    const proxy = rest.root.addResource('{proxy+}').addMethod('ANY', integration);
    const healthz = rest.root
      .addResource('healthz')
      .addMethod('GET', integration, { authorizationType: AuthorizationType.NONE });
    const noUserPool = 'Callers are IAM principals; there is no user pool';
    acknowledge(proxy, { COG4: noUserPool });
    acknowledge(healthz, {
      COG4: noUserPool,
      APIG4:
        'Load balancers and monitors ask for health without credentials; it names parts and nothing else',
    });
    acknowledge(rest, {
      APIG2: 'The function checks every request against the schema of its operation and names each fault',
      APIG3: 'Requests are signed by IAM principals and throttled; a web ACL is the choice of the account',
      'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]':
        'The role with which API Gateway writes logs is of the account, and this policy is the one AWS documents',
    });
  }

  #accessLog(): LogGroup {
    return new LogGroup(this, 'AccessLog', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }
}
