/** What a manifest does to services: each version that it names, and each that it named before. */

import { isoNow } from '../base/clock.ts';
import { type Fault, OrchestratorError } from '../base/errors.ts';
import { faultsText } from '../base/faults.ts';
import { inBatches } from '../base/in-batches.ts';
import { cyclePath, cycleText } from '../registry/dependencies/model/cycle.ts';
import { edgesOfRecord } from '../registry/dependencies/model/graph.ts';
import { neededFirst } from '../registry/dependencies/model/start-order.ts';
import type { ServiceRegistration } from '../registry/services/model/service-registration.ts';
import type { Service, ServiceRecord } from '../registry/services/model/services.ts';
import { serviceOf } from '../registry/services/put-service.ts';
import type { ManifestContext } from './context.ts';
import { type AppliedManifest, fromServiceId, remembered, serviceId } from './model/applied-manifest.ts';
import {
  orderedServiceText,
  type PlannedResource,
  serviceChanges,
  serviceText,
} from './model/manifest-plan.ts';

/** A resource with the hash that it has when it was applied; none when it goes, or is left to who holds it. */
export interface Planned extends PlannedResource {
  readonly hash?: string;
}

export interface Planning {
  readonly applied: AppliedManifest | undefined;
  readonly takeOver: boolean;
  /** Whether what was named before and is not any more goes. */
  readonly removesOmitted: boolean;
}

export type PlanContext = Pick<ManifestContext, 'services' | 'hash' | 'clock'>;

export interface ServicePlan {
  readonly puts: Planned[];
  readonly deletions: Planned[];
  /** The records as they will be, by name. */
  readonly records: ReadonlyMap<string, ServiceRecord>;
}

export async function planServices(
  context: PlanContext,
  registrations: readonly ServiceRegistration[],
  planning: Planning,
): Promise<ServicePlan> {
  const before = planning.removesOmitted
    ? Object.keys(planning.applied?.services ?? {}).map(fromServiceId)
    : [];
  const names = new Set([...registrations, ...before].map(({ name }) => name));
  const records = await recordsOf(context, [...names]);
  const wanted = neededFirst(registrations).map((registration) => wantedService(context, registration));
  const ids = new Set(wanted.map(serviceId));
  const gone = before.flatMap(({ name, version }) => {
    const service = versionIn(records, { name, version });
    return service?.managedBy === 'manifest' && !ids.has(serviceId(service)) ? [service] : [];
  });
  const after = recordsAfter(records, { wanted, gone });
  refuseCycles(registrations, after);
  return {
    puts: wanted.map((service) => planService(context, service, { ...planning, records })),
    deletions: neededFirst(gone)
      .reverse()
      .map((service) => planDeletion(context, service, planning)),
    records: after,
  };
}

/** Throws `service.dependency-cycle` with each circle: none of its services could be registered first. */
function refuseCycles(registrations: readonly ServiceRegistration[], after: Records): void {
  const edges = new Map([...after].map(([name, record]) => [name, edgesOfRecord(record)]));
  const told = new Set<string>();
  const errors = registrations.flatMap(({ name, dependencies }): Fault[] => {
    const cycle = told.has(name) ? undefined : cyclePath(edges, name, namesOf(dependencies));
    if (cycle === undefined) return [];
    for (const one of cycle) told.add(one);
    const index = dependencies.findIndex(({ service }) => service === cycle[1]);
    const message = `services would depend on each other in a circle: ${cycleText(cycle)}; optional dependencies count too`;
    return [{ path: `services.${name}.dependencies[${index}].service`, message }];
  });
  if (errors.length > 0)
    throw new OrchestratorError('service.dependency-cycle', faultsText(errors), { errors });
}

const namesOf = (dependencies: ServiceRegistration['dependencies']): string[] =>
  dependencies.map(({ service }) => service);

const wantedService = ({ clock }: PlanContext, registration: ServiceRegistration): Service =>
  serviceOf(registration, { earlier: undefined, managedBy: 'manifest', now: isoNow(clock) });

async function recordsOf({ services }: PlanContext, names: string[]): Promise<Map<string, ServiceRecord>> {
  const records = await inBatches(names, mostKeys, (some) => services.getAll(some));
  return new Map(records.map((record) => [record.name, record]));
}

/** DynamoDB: one BatchGetItem reads at most a hundred. */
export const mostKeys = 100;

type Records = ReadonlyMap<string, ServiceRecord>;

const versionIn = (
  records: Records,
  { name, version }: { name: string; version: string },
): Service | undefined => records.get(name)?.versions.find((one) => one.version === version);

function planService(
  { hash }: PlanContext,
  wanted: Service,
  { applied, takeOver, records }: Planning & { records: Records },
): Planned {
  const current = versionIn(records, wanted);
  const before = applied?.services[serviceId(wanted)];
  const changes = current ? serviceChanges(current, wanted) : [];
  const heldBy = holderOf(current, before);
  return {
    kind: 'service',
    name: wanted.name,
    version: wanted.version,
    action: actionFor({ exists: current !== undefined, same: changes.length === 0, heldBy, takeOver }),
    drift: hasDrifted(before, current && hashOf(current, { hash, before })),
    changes,
    ...(heldBy && { heldBy }),
    ...((!heldBy || takeOver) && { hash: remembered(hash(serviceText(wanted))) }),
  };
}

/** As it is remembered, also from the time when the order of tags counted. */
function hashOf(
  service: Service,
  { hash, before }: Pick<PlanContext, 'hash'> & { before: string | undefined },
): string {
  const earlier = hash(orderedServiceText(service));
  return before === remembered(earlier) ? earlier : hash(serviceText(service));
}

function planDeletion({ hash }: PlanContext, service: Service, { applied }: Planning): Planned {
  const before = applied?.services[serviceId(service)];
  return {
    kind: 'service',
    name: service.name,
    version: service.version,
    action: 'delete',
    drift: hasDrifted(before, hashOf(service, { hash, before })),
    changes: [],
  };
}

/** Who has it, when that is not the manifest that was applied last. */
export function holderOf(
  current: { readonly managedBy: 'manifest' | 'api' } | undefined,
  before: string | undefined,
): PlannedResource['heldBy'] {
  if (!current) return undefined;
  if (current.managedBy === 'api') return 'api';
  return before === undefined ? 'another-manifest' : undefined;
}

interface Situation {
  readonly exists: boolean;
  readonly same: boolean;
  readonly heldBy: PlannedResource['heldBy'];
  readonly takeOver: boolean;
}

/** What says the same as another manifest is no conflict with it, and stays its own. */
export function actionFor({ exists, same, heldBy, takeOver }: Situation): PlannedResource['action'] {
  if (!exists) return 'create';
  if (same) return 'unchanged';
  return heldBy && !takeOver ? 'conflict' : 'change';
}

/** Whether it is not as it was applied; what is not known to have been applied to the end is nobody's drift. */
export const hasDrifted = (before: string | undefined, current: string | undefined): boolean =>
  before !== undefined && before !== '' && before !== (current && remembered(current));

function recordsAfter(
  records: Records,
  { wanted, gone }: { wanted: readonly Service[]; gone: readonly Service[] },
): Map<string, ServiceRecord> {
  const after = new Map(records);
  const touched = new Set([...wanted, ...gone].map(serviceId));
  for (const [name, record] of records) {
    const left = record.versions.filter(({ version }) => !touched.has(serviceId({ name, version })));
    after.set(name, { ...record, versions: left });
  }
  for (const service of wanted) {
    const { revision, versions } = after.get(service.name) ?? { revision: 0, versions: [] };
    after.set(service.name, { name: service.name, revision, versions: [...versions, service] });
  }
  return after;
}
