/** What callers see: the API, its key, and the check that a deployment can be used. */
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { AdminKey } from '../constructs/admin-key.ts';
import { ApiFunctions } from '../constructs/api-functions.ts';
import { ApiGateway, type ApiUrl } from '../constructs/api-gateway.ts';
import type { StageProps } from '../constructs/function-factory.ts';
import type { HealthChecks } from '../constructs/health-checks.ts';
import type { RecordTable } from '../constructs/record-table.ts';
import { SmokeCheck } from '../constructs/smoke-check.ts';

export interface ApiStackProps extends StackProps, StageProps {
  readonly access: RecordTable;
  readonly runStep: IFunction;
  readonly machineRole: IRole;
  /** Of the functions behind workflows. */
  readonly logGroups: readonly LogGroup[];
  readonly healthChecks: HealthChecks;
  readonly fingerprint: string;
  readonly apiUrl: ApiUrl | undefined;
}

export class ApiStack extends Stack {
  readonly functions: ApiFunctions;
  readonly gateway: ApiGateway;

  constructor(scope: Construct, id: string, props: ApiStackProps) {
    super(scope, id, props);
    const { secret } = new AdminKey(this, 'AdminKey', props.settings);
    this.functions = new ApiFunctions(this, 'Functions', { ...props, adminKey: secret });
    const { api, authorizer, smokeCheck } = this.functions;
    props.healthChecks.mayHasten(api);
    this.gateway = new ApiGateway(this, 'Api', { ...props, api, authorizer });
    const { url, ownUrl, domainTarget } = this.gateway;
    const check = new SmokeCheck(this, 'SmokeCheck', {
      function: smokeCheck,
      url: ownUrl,
      fingerprint: props.fingerprint,
    });
    check.node.addDependency(this.gateway);
    this.#print('Rest', url, 'REST, described at openapi.json beneath it');
    this.#print('Mcp', `${url}mcp`, 'MCP, streamable HTTP');
    if (domainTarget) this.#print('DomainTarget', domainTarget, 'The DNS record of the name points to it');
    this.#print('AdminKeySecret', secret.secretArn, 'aws secretsmanager get-secret-value --secret-id …');
  }

  #print(name: string, value: string, description: string): void {
    new CfnOutput(this, name, { value, description });
  }
}
