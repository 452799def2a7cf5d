/** Resolves the intrinsic functions of templates to the names that the parts of one machine have. */
import * as z from 'zod';

const Resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
});
export type Resource = z.infer<typeof Resource>;

export const Template = z.object({
  Resources: z.record(z.string(), Resource),
  Outputs: z
    .record(z.string(), z.object({ Value: z.unknown(), Export: z.object({ Name: z.string() }).optional() }))
    .default({}),
});
export type Template = z.infer<typeof Template>;

export const region = 'us-east-1';
export const account = '000000000000';

const pseudo: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': region,
  'AWS::AccountId': account,
  'AWS::URLSuffix': 'amazonaws.com',
};

/** The name of a resource, where it is not the logical id. */
export type NameOf = (logicalId: string, resource: Resource) => string | undefined;

const arnPrefixes: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::GlobalTable': `dynamodb:${region}:${account}:table/`,
  'AWS::IAM::Role': `iam::${account}:role/`,
  'AWS::Lambda::Function': `lambda:${region}:${account}:function:`,
  'AWS::Logs::LogGroup': `logs:${region}:${account}:log-group:`,
  'AWS::SecretsManager::Secret': `secretsmanager:${region}:${account}:secret:`,
  'AWS::SQS::Queue': `sqs:${region}:${account}:`,
  'AWS::StepFunctions::StateMachine': `states:${region}:${account}:stateMachine:`,
};

/** Those whose `Ref` is their arn (AWS: return values of resources). */
const namedByArn = ['AWS::SecretsManager::Secret', 'AWS::StepFunctions::StateMachine'];

export class TemplateValues {
  readonly #template: Template;
  readonly #exports: ReadonlyMap<string, () => unknown>;
  readonly #nameOf: NameOf;

  private constructor(
    template: Template,
    { exports, nameOf }: { exports: ReadonlyMap<string, () => unknown>; nameOf: NameOf },
  ) {
    this.#template = template;
    this.#exports = exports;
    this.#nameOf = nameOf;
  }

  /** One for each template; they import from each other. */
  static ofAll(templates: readonly Template[], nameOf: NameOf): TemplateValues[] {
    const exports = new Map<string, () => unknown>();
    return templates.map((template) => {
      const values = new TemplateValues(template, { exports, nameOf });
      for (const { Value, Export } of Object.values(template.Outputs)) {
        if (Export) exports.set(Export.Name, () => values.resolve(Value));
      }
      return values;
    });
  }

  /** The properties of the resources of a type, resolved, by logical id. */
  resources(type: string): [string, Record<string, unknown>][] {
    return Object.entries(this.#template.Resources)
      .filter(([, { Type }]) => Type === type)
      .map(([id, { Properties }]) => [
        id,
        Object.fromEntries(Object.entries(Properties).map(([key, value]) => [key, this.resolve(value)])),
      ]);
  }

  resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.resolve(item));
    if (typeof value !== 'object' || value === null) return value;
    const [entry, ...others] = Object.entries(value);
    if (entry && others.length === 0 && /^(Ref|Fn::.*)$/.test(entry[0])) return this.#call(...entry);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.resolve(inner)]));
  }

  #call(name: string, argument: unknown): unknown {
    if (name === 'Ref') return this.#ref(z.string().parse(argument));
    if (name === 'Fn::GetAtt') return this.#attribute(...z.tuple([z.string(), z.string()]).parse(argument));
    if (name === 'Fn::ImportValue') return this.#imported(z.string().parse(argument));
    if (name === 'Fn::Join') {
      const [separator, parts] = z.tuple([z.string(), z.array(z.unknown())]).parse(argument);
      return parts.map((part) => String(this.resolve(part))).join(separator);
    }
    if (name === 'Fn::Sub')
      return z
        .string()
        .parse(argument)
        .replace(/\$\{([^}]+)\}/g, (_all, id: string) => this.#ref(id));
    throw new Error(`${name} of a template is not known here`);
  }

  #ref(id: string): string {
    const resource = this.#template.Resources[id];
    if (!resource) return pseudo[id] ?? id;
    return namedByArn.includes(resource.Type) ? this.#arn(id, resource) : this.#name(id, resource);
  }

  #attribute(id: string, attribute: string): string {
    const resource = this.#template.Resources[id];
    if (!resource) throw new Error(`a template has no ${id}`);
    return attribute === 'Arn' ? this.#arn(id, resource) : `${id}.${attribute}`;
  }

  #imported(name: string): unknown {
    const value = this.#exports.get(name);
    if (!value) throw new Error(`no template exports ${name}`);
    return value();
  }

  #name = (id: string, resource: Resource): string => this.#nameOf(id, resource) ?? id;

  #arn(id: string, resource: Resource): string {
    return `arn:aws:${arnPrefixes[resource.Type] ?? `other:${region}:${account}:`}${this.#name(id, resource)}`;
  }
}
