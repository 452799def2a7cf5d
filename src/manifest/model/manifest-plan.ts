/** What applying a manifest does to each resource, as callers see it, and how two registrations differ. */
import * as z from 'zod';
import { canonicalJson } from '../../base/canonical-json.ts';
import { registrationFields } from '../../registry/services/model/service-registration.ts';
import type { Service } from '../../registry/services/model/services.ts';

export const Change = z.object({
  path: z.string(),
  from: z.unknown().optional().describe('What is registered; left out where it may hold a secret'),
  to: z.unknown().optional().describe('What the manifest says; left out where it may hold a secret'),
});
export type Change = z.infer<typeof Change>;

export const PlannedResource = z.object({
  kind: z.enum(['service', 'workflow']),
  name: z.string(),
  version: z.string().optional().describe('Of a service'),
  action: z.enum(['create', 'change', 'unchanged', 'delete', 'conflict']),
  heldBy: z
    .enum(['api', 'another-manifest'])
    .optional()
    .describe('Who manages it now, if that is not the manifest that was applied last'),
  drift: z.boolean().describe('Whether it was changed or removed since the manifest was applied last'),
  changes: z.array(Change),
});
export type PlannedResource = z.infer<typeof PlannedResource>;

/** `service gmail 1.0.0`, `workflow triage`. */
export const nameOfResource = ({ kind, name, version }: PlannedResource): string =>
  version === undefined ? `${kind} ${name}` : `${kind} ${name} ${version}`;

type Registered = Omit<Service, 'registeredAt' | 'updatedAt'>;
type Fields = Readonly<Record<string, unknown>>;

/** What the manifest decides of a service: times are none of it. */
const decided = (service: Registered): Fields => {
  const fields: Fields = service;
  return Object.fromEntries(Object.keys(registrationFields).map((name) => [name, fields[name]]));
};

/** The order of tags says nothing. */
const inOrder = (service: Registered): Fields => ({ ...decided(service), tags: [...service.tags].sort() });

/** The text by which a change of a service is noticed. */
export const serviceText = (service: Registered): string => canonicalJson(inOrder(service));

/** The text of a service that was applied when the order of tags still counted. */
export const orderedServiceText = (service: Registered): string => canonicalJson(decided(service));

export function serviceChanges(from: Registered, to: Registered): Change[] {
  const managed = { managedBy: from.managedBy };
  return changed(
    { ...inOrder(from), ...managed },
    { ...inOrder(to), managedBy: to.managedBy },
    (path, value) => (path === 'driver' ? withoutSettings(value) : value),
  );
}

/** The settings of a driver may hold secrets of what it starts. */
const withoutSettings = (driver: unknown): unknown =>
  driver === undefined ? undefined : { kind: Object(driver).kind };

function changed(from: Fields, to: Fields, shown: (path: string, value: unknown) => unknown): Change[] {
  return differing(from, to).map((path) => {
    const [before, after] = [shown(path, from[path]), shown(path, to[path])];
    if (same(before, after)) return { path };
    return {
      path,
      ...(before !== undefined && { from: before }),
      ...(after !== undefined && { to: after }),
    };
  });
}

/** Where two definitions differ; never how, since a variable of the manifest may stand anywhere in them. */
export function definitionChanges(from: Fields, to: Fields): Change[] {
  const paths = differing(from, to).flatMap((path) =>
    path === 'steps' ? stepPaths(stepsById(from['steps']), stepsById(to['steps'])) : [path],
  );
  return paths.length > 0 ? paths.map((path) => ({ path })) : [{ path: 'stateMachine' }];
}

function stepPaths(from: Fields, to: Fields): string[] {
  const paths = differing(from, to).map((id) => `steps.${id}`);
  return paths.length > 0 ? paths : ['steps'];
}

const stepsById = (steps: unknown): Fields =>
  Object.fromEntries((Array.isArray(steps) ? steps : []).map((step) => [String(Object(step).id), step]));

const differing = (from: Fields, to: Fields): string[] =>
  [...new Set([...Object.keys(from), ...Object.keys(to)])].filter((name) => !same(from[name], to[name]));

const same = (one: unknown, other: unknown): boolean =>
  one === other || (one !== undefined && other !== undefined && canonicalJson(one) === canonicalJson(other));
