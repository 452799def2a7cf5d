/** The stacks as they would be deployed: each function's variables and permissions, and the machines. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import * as z from 'zod';
import { deployedManifest } from '../../../lib/deployed-manifest.ts';
import { addOrchestrator } from '../../../lib/orchestrator.ts';
import { parseSettings } from '../../../lib/settings.ts';
import type { Tables } from '../../../local/dynamodb/create-tables.ts';
import { type Permission, permissionsIn } from './permission.ts';
import { type Resource, Template, TemplateValues } from './template-values.ts';

export interface DeployedFunction {
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly roleArn: string;
}

export interface DeployedMachine {
  readonly name: string;
  readonly roleArn: string;
  readonly definition: string;
}

export interface Deployment {
  readonly functions: readonly DeployedFunction[];
  readonly machines: readonly DeployedMachine[];
  /** By the arn of the role. */
  readonly permissions: ReadonlyMap<string, readonly Permission[]>;
  /** Roles that have policies of AWS besides, or instead. */
  readonly rolesWithManagedPolicies: readonly string[];
  /** What the custom resource of the manifest says. */
  readonly manifest: Record<string, unknown>;
}

/** A workflow of it calls a service, so that machines have something to invoke. */
const document = {
  services: { ['of-manifest']: { version: '1.0.0', transport: 'rest', url: 'http://127.0.0.1:9' } },
  workflows: [
    {
      name: 'of-manifest',
      steps: [{ id: 'call', call: { service: 'of-manifest', request: { method: 'POST', path: '/' } } }],
    },
  ],
};

/** `tables` are the names that the tables have on this machine. */
export async function readDeployment(tables: Tables): Promise<Deployment> {
  const values = TemplateValues.ofAll(await synthesize(), nameOf(tables));
  const all = (type: string) => values.flatMap((one) => one.resources(type));
  const [manifest] = all('Custom::Manifest').map(([, properties]) => properties);
  if (!manifest) throw new Error('no template has a manifest');
  return {
    functions: all('AWS::Lambda::Function').map(([, properties]) => functionOf(properties)),
    machines: all('AWS::StepFunctions::StateMachine').map(([, properties]) => machineOf(properties)),
    permissions: permissionsOf(all('AWS::IAM::Policy'), all('AWS::IAM::Role')),
    rolesWithManagedPolicies: all('AWS::IAM::Role').flatMap(([id, properties]) =>
      properties['ManagedPolicyArns'] === undefined ? [] : [id],
    ),
    manifest,
  };
}

async function synthesize(): Promise<Template[]> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-calls-'));
  try {
    for (const name of await readdir(new URL('../../../lambdas/', import.meta.url))) {
      await mkdir(join(folder, 'bundles', name), { recursive: true });
      await writeFile(join(folder, 'bundles', name, 'handler.mjs'), `export const handler = '${name}';\n`);
    }
    const app = new App({ outdir: join(folder, 'cdk.out') });
    addOrchestrator(app, {
      settings: parseSettings('dev', { manifest: 'given here', allowedNetworks: ['127.0.0.0/8'] }),
      ...deployedManifest({ document, env: {}, checkSchema: () => ({ errors: [] }) }),
      bundles: join(folder, 'bundles'),
    });
    const { stacks } = app.synth();
    const texts = stacks.map(({ templateFullPath }) => readFile(templateFullPath, 'utf8'));
    return (await Promise.all(texts)).map((text) => Template.parse(JSON.parse(text)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const Named = z.object({ StateMachineName: z.string() });
const Described = z.object({ Description: z.string() });

const nameOf =
  (tables: Tables) =>
  (id: string, { Type, Properties }: Resource): string | undefined => {
    if (Type === 'AWS::StepFunctions::StateMachine') return Named.parse(Properties).StateMachineName;
    if (Type === 'AWS::Lambda::Function') return nameIn(Described.parse(Properties).Description);
    if (Type !== 'AWS::DynamoDB::GlobalTable') return undefined;
    if (id.startsWith('Instances')) return tables.instances;
    if (id.startsWith('Telemetry')) return tables.telemetry;
    if (id.startsWith('Access')) return tables.access;
    if (id.startsWith('Audit')) return tables.audit;
    return id.startsWith('Registry') ? tables.registry : tables.executions;
  };

/** `run-step of orchestrator-dev-workflows`. */
const nameIn = (description: string): string => description.replace(/ of .*/, '');

const FunctionProperties = z.object({
  Description: z.string().transform(nameIn),
  Environment: z.object({ Variables: z.record(z.string(), z.string()) }),
  Role: z.string(),
});

function functionOf(properties: unknown): DeployedFunction {
  const { Description: name, Environment, Role } = FunctionProperties.parse(properties);
  return { name, environment: Environment.Variables, roleArn: Role };
}

const MachineProperties = z.object({
  StateMachineName: z.string(),
  DefinitionString: z.string(),
  DefinitionSubstitutions: z.record(z.string(), z.string()).default({}),
  RoleArn: z.string(),
});

function machineOf(properties: unknown): DeployedMachine {
  const parsed = MachineProperties.parse(properties);
  const definition = Object.entries(parsed.DefinitionSubstitutions).reduce(
    (text, [key, value]) => text.replaceAll(`\${${key}}`, value),
    parsed.DefinitionString,
  );
  return { name: parsed.StateMachineName, roleArn: parsed.RoleArn, definition };
}

const PolicyProperties = z.object({ PolicyDocument: z.unknown(), Roles: z.array(z.string()) });
const RoleProperties = z.object({
  Policies: z.array(z.object({ PolicyDocument: z.unknown() })).default([]),
});

type Properties = [string, Record<string, unknown>][];

function permissionsOf(policies: Properties, roles: Properties): Map<string, Permission[]> {
  const found = new Map<string, Permission[]>();
  const add = (role: string, document: unknown): void => {
    const arn = `arn:aws:iam::000000000000:role/${role}`;
    found.set(arn, [...(found.get(arn) ?? []), ...permissionsIn(document)]);
  };
  for (const [, properties] of policies) {
    const { PolicyDocument, Roles } = PolicyProperties.parse(properties);
    for (const role of Roles) add(role, PolicyDocument);
  }
  for (const [id, properties] of roles) {
    for (const { PolicyDocument } of RoleProperties.parse(properties).Policies) add(id, PolicyDocument);
  }
  return found;
}
