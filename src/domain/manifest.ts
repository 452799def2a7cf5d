/**
 * The manifest: services and workflows in one file. Decides its shape and resolves `${NAME}` and
 * `${NAME:-default}`; it does not read files, and does not judge the workflows (the validator does).
 */
import * as z from 'zod';
import { type Fault, OrchestratorError } from './errors.ts';
import { faultsOf, faultsText } from './faults.ts';
import { parseInput } from './parse-input.ts';
import { ServiceRegistration } from './service-registration.ts';
import { Name } from './service-terms.ts';

const Workflow = z.looseObject({ name: Name });

/** As it is written. */
const ManifestDocument = z.strictObject({
  services: z.record(Name, ServiceRegistration.omit({ name: true })).default({}),
  workflows: z.array(Workflow).default([]),
});

/** As it is used, with every variable resolved. */
export const Manifest = z.strictObject({
  services: z.array(ServiceRegistration),
  workflows: z.array(Workflow),
});
export type Manifest = z.infer<typeof Manifest>;

export type Environment = Readonly<Record<string, string | undefined>>;

/** What is said of a variable that has no value. */
type Unset = (name: string) => string;
const unsetInEnvironment: Unset = (name) => `needs the environment variable ${name}, which is not set`;

/** Throws `request.invalid` with every fault, an unset variable without default among them. */
export function parseManifest(
  document: unknown,
  env: Environment,
  unset: Unset = unsetInEnvironment,
): Manifest {
  const faults: Fault[] = [];
  const resolved = resolve(document, { env, unset, faults, path: '' });
  const parsed = parseInput(ManifestDocument, resolved);
  const errors = [...faults, ...(parsed.success ? [] : faultsOf(parsed.error))];
  if (!parsed.success || errors.length > 0) {
    throw new OrchestratorError('request.invalid', `The manifest is not valid: ${faultsText(errors)}`, {
      errors,
    });
  }
  const services = Object.entries(parsed.data.services).map(([name, service]) => ({ name, ...service }));
  return { services, workflows: parsed.data.workflows };
}

interface Resolving {
  readonly env: Environment;
  readonly unset: Unset;
  readonly faults: Fault[];
  readonly path: string;
}

const reference = /\$\{([A-Z][A-Z0-9_]*)(?::-([^}]*))?\}/g;

function resolve(value: unknown, resolving: Resolving): unknown {
  if (typeof value === 'string') return resolveText(value, resolving);
  if (Array.isArray(value)) {
    return value.map((item, index) => resolve(item, { ...resolving, path: `${resolving.path}[${index}]` }));
  }
  if (typeof value !== 'object' || value === null) return value;
  const at = (key: string): string => (resolving.path === '' ? key : `${resolving.path}.${key}`);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, resolve(inner, { ...resolving, path: at(key) })]),
  );
}

/** An empty variable counts as not set, as in a shell's `:-`. */
function resolveText(text: string, { env, unset, faults, path }: Resolving): string {
  return text.replace(reference, (_all, name: string, otherwise: string | undefined) => {
    const value = env[name] || otherwise;
    if (value === undefined) faults.push({ path, message: unset(name) });
    return value ?? '';
  });
}
