/** Says, next to a resource, which findings of cdk-nag's AwsSolutions do not apply to it, and why. */
import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Reasons by finding, such as `SF1` or `IAM5[Resource::*]`. */
export function acceptFindings(construct: IConstruct, reasons: Readonly<Record<string, string>>): void {
  for (const [finding, reason] of Object.entries(reasons)) {
    Validations.of(construct).acknowledge({ id: `AwsSolutions::AwsSolutions-${finding}`, reason });
  }
}
