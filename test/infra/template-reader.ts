/** Reads a synthesized template by what its resources are for, since their logical ids carry hashes. */
import type { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';

/** An ARN in the account and region of the stack, as the template has it. */
export const arn = (service: string, rest: string) => ({
  'Fn::Join': [
    '',
    [
      'arn:',
      { Ref: 'AWS::Partition' },
      `:${service}:`,
      { Ref: 'AWS::Region' },
      ':',
      { Ref: 'AWS::AccountId' },
      `:${rest}`,
    ],
  ],
});

export const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });

const Resource = z.object({ Properties: z.record(z.string(), z.unknown()) });
const Statement = z.object({
  Effect: z.string(),
  Action: z.union([z.string().transform((action) => [action]), z.array(z.string())]),
  Resource: z.unknown(),
  Condition: z.unknown().optional(),
});
const Policy = z.object({
  PolicyDocument: z.object({ Statement: z.array(Statement) }),
  Roles: z.array(z.object({ Ref: z.string() })),
});

export class TemplateReader {
  readonly #template: Template;

  constructor(template: Template) {
    this.#template = template;
  }

  resources(type: string): [string, Record<string, unknown>][] {
    return Object.entries(this.#template.findResources(type)).map(([id, resource]) => [
      id,
      Resource.parse(resource).Properties,
    ]);
  }

  /** The only resource of the type whose logical id begins so. */
  idOf(type: string, prefix: string): string {
    const [id, ...others] = this.resources(type)
      .map(([logicalId]) => logicalId)
      .filter((logicalId) => logicalId.startsWith(prefix));
    if (id === undefined || others.length > 0) throw new Error(`not exactly one ${prefix} of ${type}`);
    return id;
  }

  functionId(name: string): string {
    return this.idOf('AWS::Lambda::Function', `Functions${name.replaceAll('-', '')}Function`);
  }

  policies() {
    return this.resources('AWS::IAM::Policy').map(([, properties]) => Policy.parse(properties));
  }

  /** What the role allows whose logical id begins so. */
  allowed(rolePrefix: string) {
    return this.policies()
      .filter(({ Roles }) => Roles.some(({ Ref }) => Ref.startsWith(rolePrefix)))
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
  }

  actionsOf(rolePrefix: string): string[] {
    return [...new Set(this.allowed(rolePrefix).flatMap(({ Action }) => Action))].sort();
  }
}
