/**
 * The manifest: services and workflows in one file. Decides its shape and resolves `${NAME}` and
 * `${NAME:-default}`; it does not read files, and does not judge the workflows (the validator does).
 */
import * as z from 'zod';
import { withoutNulls } from '../../base/drop-nulls.ts';
import { type Fault, OrchestratorError } from '../../base/errors.ts';
import { faultsOf, faultsText, pathText } from '../../base/faults.ts';
import { parseInput } from '../../base/parse-input.ts';
import { unusableNames } from '../../base/unusable-names.ts';
import { isDriven } from '../../registry/services/model/driver.ts';
import { ServiceRegistration } from '../../registry/services/model/service-registration.ts';
import { Name } from '../../registry/services/model/service-terms.ts';

const Workflow = z.looseObject({ name: Name });

const ServiceInManifest = ServiceRegistration.omit({ name: true });
type ServiceInManifest = z.infer<typeof ServiceInManifest>;

/** As it is written. */
const ManifestDocument = z.strictObject({
  services: z.record(Name, ServiceInManifest).default({}),
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
  const faults: Fault[] = unusableNames(document);
  const resolved = resolve(withoutExtensions(document), { env, unset, faults }, undefined);
  const parsed = parseInput(ManifestDocument, withoutNulls(ManifestDocument, withoutEmptyUrls(resolved)));
  const errors = [...faults, ...(parsed.success ? [] : faultsOf(parsed.error))];
  if (!parsed.success || errors.length > 0) {
    throw new OrchestratorError('request.invalid', `The manifest is not valid: ${faultsText(errors)}`, {
      errors,
    });
  }
  const services = Object.entries(parsed.data.services).map(([name, service]) => ({
    name,
    ...withUrlOrDriver(service),
  }));
  return { services, workflows: parsed.data.workflows };
}

/** A url that is set is where somebody else runs the service: then its driver does nothing. */
function withUrlOrDriver({ driver, ...service }: ServiceInManifest): ServiceInManifest {
  return driver === undefined || (service.url !== undefined && isDriven(driver))
    ? service
    : { ...service, driver };
}

/** A url that a variable leaves empty is none: the driver starts the service. */
function withoutEmptyUrls(document: unknown): unknown {
  const parsed = z.looseObject({ services: z.record(z.string(), z.unknown()) }).safeParse(document);
  if (!parsed.success) return document;
  const services = Object.entries(parsed.data.services).map(([name, service]) => [
    name,
    withoutEmptyUrl(service),
  ]);
  return { ...parsed.data, services: Object.fromEntries(services) };
}

function withoutEmptyUrl(service: unknown): unknown {
  const parsed = z.looseObject({ url: z.literal(''), driver: z.unknown() }).safeParse(service);
  if (!parsed.success || parsed.data.driver === undefined) return service;
  const { url: _empty, ...others } = parsed.data;
  return others;
}

/** At the top, fields that begin with `x-` are the author's own: parts that YAML anchors give a name to. */
function withoutExtensions(document: unknown): unknown {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return document;
  return Object.fromEntries(Object.entries(document).filter(([name]) => !name.startsWith('x-')));
}

interface Resolving {
  readonly env: Environment;
  readonly unset: Unset;
  readonly faults: Fault[];
}

/** The way to a value, from its end: it becomes a text only where something is wrong. */
interface Way {
  readonly up: Way | undefined;
  readonly step: string | number;
}

function pathOf(way: Way | undefined): string {
  const path: (string | number)[] = [];
  for (let at = way; at !== undefined; at = at.up) path.unshift(at.step);
  return pathText(path);
}

const reference = /\$\{([A-Z][A-Z0-9_]*)(?::-([^}]*))?\}/g;

function resolve(value: unknown, resolving: Resolving, up: Way | undefined): unknown {
  if (typeof value === 'string') return resolveText(value, resolving, up);
  if (Array.isArray(value)) return value.map((item, step) => resolve(item, resolving, { up, step }));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([step, inner]) => [step, resolve(inner, resolving, { up, step })]),
  );
}

/** An empty variable counts as not set, as in a shell's `:-`. */
function resolveText(text: string, { env, unset, faults }: Resolving, way: Way | undefined): string {
  // Behind the last brace nothing can be one: what is never closed is not looked through again and again.
  const end = text.lastIndexOf('}') + 1;
  const named = text.slice(0, end).replace(reference, (_all, name: string, otherwise: string | undefined) => {
    const value = env[name] || otherwise;
    if (value === undefined) faults.push({ path: pathOf(way), message: unset(name) });
    return value ?? '';
  });
  return named + text.slice(end);
}
