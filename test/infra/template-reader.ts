/** Reads a synthesized template by what its resources are for, since their logical ids carry hashes. */
import { Match, type Template } from 'aws-cdk-lib/assertions';
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

/** What another stack exports, of which the name says so. */
export const imported = (name: string) => ({ 'Fn::ImportValue': Match.stringLikeRegexp(name) });

const Reference = z.object({ Ref: z.string() });
const ArnReference = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) });
const Properties = z.record(z.string(), z.unknown());
const Resource = z.object({
  Type: z.string(),
  Properties: Properties.default({}),
  DependsOn: z.array(z.string()).default([]),
  DeletionPolicy: z.string().optional(),
});
type Resource = z.infer<typeof Resource>;

const Statement = z.object({
  Effect: z.string(),
  Action: z.union([z.string().transform((action) => [action]), z.array(z.string())]),
  Resource: z.unknown(),
  Condition: z.unknown().optional(),
});
const Policy = z.object({
  PolicyDocument: z.object({ Statement: z.array(Statement) }),
  Roles: z.array(Reference),
});

/** The id that a reference to a resource, or to its ARN, names. */
export const referredBy = (reference: unknown): string => {
  const parsed = z.union([Reference, ArnReference]).parse(reference);
  return 'Ref' in parsed ? parsed.Ref : parsed['Fn::GetAtt'][0];
};

export class TemplateReader {
  readonly #resources: ReadonlyMap<string, Resource>;

  constructor(template: Template) {
    const { Resources } = z.object({ Resources: z.record(z.string(), Resource) }).parse(template.toJSON());
    this.#resources = new Map(Object.entries(Resources));
  }

  resources(type: string): [string, Record<string, unknown>][] {
    return [...this.#resources].flatMap(([id, { Type, Properties: properties }]) =>
      Type === type ? [[id, properties]] : [],
    );
  }

  resource(id: string): Resource {
    const found = this.#resources.get(id);
    if (found === undefined) throw new Error(`there is no ${id}`);
    return found;
  }

  ids(type: string): string[] {
    return this.resources(type).map(([id]) => id);
  }

  /** The only resource of the type whose logical id, without its hash, ends so. */
  idOf(type: string, end: string): string {
    const [id, ...others] = this.ids(type).filter((logicalId) => logicalId.slice(0, -8).endsWith(end));
    if (id === undefined || others.length > 0) throw new Error(`not exactly one …${end} of ${type}`);
    return id;
  }

  functionId(name: string): string {
    return this.idOf('AWS::Lambda::Function', `${name.replaceAll('-', '')}Function`);
  }

  function(name: string): Record<string, unknown> {
    return this.resource(this.functionId(name)).Properties;
  }

  policies() {
    return this.resources('AWS::IAM::Policy').map(([, properties]) => Policy.parse(properties));
  }

  /** What the role allows. */
  allowed(roleId: string) {
    return this.policies()
      .filter(({ Roles }) => Roles.some(({ Ref }) => Ref === roleId))
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
  }

  /** What the role of the function allows. */
  allowedTo(name: string) {
    return this.allowed(referredBy(this.function(name)['Role']));
  }
}
