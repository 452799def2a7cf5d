/** What is remembered of a manifest before it is applied, and after it was, or was in part. */
import { type AppliedManifest, serviceId } from './model/applied-manifest.ts';
import type { ManifestPlan } from './plan-manifest.ts';
import type { Planned } from './plan-services.ts';

export type Remembered = Pick<AppliedManifest, 'services' | 'workflows'>;

interface Ended {
  readonly failed: { readonly resource: Planned } | undefined;
  readonly notAttempted: readonly Planned[];
}

const idOf = ({ name, version }: Planned): string =>
  version === undefined ? name : serviceId({ name, version });

const groups = [
  ['service', 'services'],
  ['workflow', 'workflows'],
] as const;

const bothKinds = (
  hashesOf: (kind: Planned['kind'], group: keyof Remembered) => [string, string][],
): Remembered => {
  const [services, workflows] = groups.map(([kind, group]) => Object.fromEntries(hashesOf(kind, group)));
  return { services: services ?? {}, workflows: workflows ?? {} };
};

/** What the manifest is to have, each with its hash. */
const wanted = ({ resources }: Pick<ManifestPlan, 'resources'>): Remembered =>
  bothKinds((kind) =>
    resources.flatMap((resource): [string, string][] =>
      resource.kind === kind && resource.hash !== undefined ? [[idOf(resource), resource.hash]] : [],
    ),
  );

/** Whether applying the plan would remember nothing else than is remembered. */
export function remembersNothingNew(plan: ManifestPlan): boolean {
  const now = wanted(plan);
  return groups.every(([, group]) => {
    const [ids, before] = [Object.entries(now[group]), plan.applied?.[group] ?? {}];
    const lacksNone = ids.every(([id, hash]) => before[id] === hash);
    return lacksNone && (!plan.removesOmitted || ids.length === Object.keys(before).length);
  });
}

/** All that was named and all that will be; what is yet to be changed has no hash. */
export function rememberedBefore(plan: ManifestPlan): Remembered {
  const coming = wanted(plan);
  return bothKinds((_kind, group) => {
    const before = plan.applied?.[group] ?? {};
    const now = Object.entries(coming[group]).map(([id, hash]): [string, string] => [
      id,
      before[id] === hash ? hash : '',
    ]);
    return [...Object.entries(before), ...now];
  });
}

/** What was done has its hash or is gone, what was not begun is as before, and what failed may be either. */
export function rememberedAfter(
  { resources, applied, removesOmitted }: ManifestPlan,
  ended: Ended,
): Remembered {
  return bothKinds((kind, group) => [
    ...(removesOmitted ? [] : Object.entries(applied?.[group] ?? {})),
    ...resources.flatMap((resource): [string, string][] => {
      if (resource.kind !== kind) return [];
      const hash = hashAtEnd(resource, ended, applied?.[group][idOf(resource)]);
      return hash === undefined ? [] : [[idOf(resource), hash]];
    }),
  ]);
}

function hashAtEnd(resource: Planned, ended: Ended, before: string | undefined): string | undefined {
  if (ended.notAttempted.includes(resource)) return before;
  return ended.failed?.resource === resource ? '' : resource.hash;
}
