/** A plan in words, for whoever decides whether to apply it: above all what would be deleted, and why. */
import type { AppliedManifest } from './applied-manifest.ts';
import { nameOfResource, type PlannedResource } from './manifest-plan.ts';

const shownNames = 20;

export function describePlan(
  resources: readonly PlannedResource[],
  applied: Pick<AppliedManifest, 'appliedAt'> | undefined,
): string {
  const named = (action: PlannedResource['action']): string[] =>
    resources.filter((one) => one.action === action).map(nameOfResource);
  const done = [
    ...said('creates', named('create')),
    ...said('changes', named('change')),
    ...said('leaves as it is', named('unchanged')),
  ];
  const first =
    done.length > 0 ? `Applying it ${done.join('; ')}.` : 'Applying it creates and changes nothing.';
  return [first, ...deletions(named('delete'), applied), ...conflicts(named('conflict'))].join(' ');
}

function deletions(
  names: readonly string[],
  applied: Pick<AppliedManifest, 'appliedAt'> | undefined,
): string[] {
  if (names.length === 0) return ['It deletes nothing.'];
  const when = applied === undefined ? '' : ` at ${applied.appliedAt}`;
  return [
    `It DELETES ${listOf(names)}: the manifest that was applied${when} named what this one does not name any more. A manifest says everything that manifests manage; to keep these, name them in it too.`,
  ];
}

const conflicts = (names: readonly string[]): string[] =>
  names.length === 0
    ? []
    : [`It is refused as long as somebody else manages ${listOf(names)}, unless takeOver is true.`];

const said = (does: string, names: readonly string[]): string[] =>
  names.length === 0 ? [] : [`${does} ${listOf(names)}`];

function listOf(names: readonly string[]): string {
  const more = names.length - shownNames;
  return names.slice(0, shownNames).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
