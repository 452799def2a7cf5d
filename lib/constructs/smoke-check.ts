/** The last resource of a deployment: it uses the API once, and fails the deployment when that does not work. */
import { CustomResource, Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { WorkflowDefinition } from '../../src/workflows/definition/definition.ts';
import type { ServiceFunction } from './service-function.ts';

/** Comes with every deployment: it waits a second, and proves that what happens around a workflow works. */
export const smokeWorkflow = {
  name: 'smoke-check',
  description: 'Waits a second; each deployment runs it once',
  timeoutSeconds: 60,
  steps: [{ id: 'pause', wait: { seconds: 1 } }],
} satisfies Partial<WorkflowDefinition>;

export interface SmokeCheckProps {
  readonly function: ServiceFunction;
  /** Where the API answers. */
  readonly url: string;
  /** Another text whenever something is deployed that may break it. */
  readonly fingerprint: string;
}

export class SmokeCheck extends Construct {
  constructor(scope: Construct, id: string, props: SmokeCheckProps) {
    super(scope, id);
    new CustomResource(this, 'Resource', {
      resourceType: 'Custom::SmokeCheck',
      serviceToken: props.function.arn,
      serviceTimeout: Duration.minutes(6),
      properties: { Url: props.url, Workflow: smokeWorkflow.name, Fingerprint: props.fingerprint },
    });
  }
}
