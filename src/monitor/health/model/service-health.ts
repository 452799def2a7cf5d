/**
 * How a service is, from its own instances and from what it needs: an answer that says why, and that claims nothing of what
 * nobody has looked at.
 */
import { healingStopped } from '../../../instances/model/healing-brake.ts';
import {
  isCallable,
  type ListedInstance,
  listedInstances,
  type ServiceInstances,
} from '../../../instances/model/instances.ts';
import type { ServiceHealth } from '../../../instances/model/judged-service.ts';
import { wantedCount } from '../../../instances/model/service-lifecycle.ts';

export interface JudgedService {
  readonly health: ServiceHealth;
  /** Sentences; none where nothing is wrong. */
  readonly because: readonly string[];
}

/** What it needs, and how that is. */
export interface Needed {
  readonly service: string;
  readonly required: boolean;
  /** Undefined where it is not registered. */
  readonly health: ServiceHealth | undefined;
}

/** Named one by one; of more only how many. */
const mostNamed = 5;

interface Telling {
  /** Whether to say what checks have said, which may be words of the service. */
  readonly reasons: boolean;
}

/** From its own instances alone. */
export function judgeInstances(
  known: ServiceInstances,
  nowMs: number,
  telling: Telling = { reasons: true },
): JudgedService {
  const { lifecycle } = known;
  const wanted = lifecycle && wantedCount(lifecycle);
  if (wanted === 0)
    return {
      health: lifecycle?.desired === 'running' && lifecycle.asleep ? 'ASLEEP' : 'STOPPED',
      because: [],
    };
  const instances = listedInstances(known, nowMs);
  const callable = instances.filter(isCallable);
  const stopped = healingStopped(known.driven ?? [], nowMs);
  const faults = [
    ...named(instances.flatMap((one) => faultOf(one, telling))),
    ...(stopped === undefined ? [] : [stopped]),
  ];
  if (callable.length === 0) return withoutInstances(instances, faults);
  const missing = Math.max(0, (wanted ?? 0) - callable.length);
  const because = [
    ...faults,
    ...(missing > 0 ? [`${callable.length} of ${wanted} instances can be called`] : []),
  ];
  if (because.length > 0) return { health: 'DEGRADED', because };
  return callable.some(({ health }) => health === 'HEALTHY')
    ? { health: 'HEALTHY', because }
    : { health: 'UNKNOWN', because: ['none of its instances has passed a check yet'] };
}

function withoutInstances(instances: readonly ListedInstance[], faults: readonly string[]): JudgedService {
  if (instances.length === 0) return { health: 'UNHEALTHY', because: ['it has no instance'] };
  if (faults.length > 0) return { health: 'UNHEALTHY', because: faults };
  return { health: 'UNKNOWN', because: ['its instances have not been healthy yet'] };
}

const faulty: readonly (string | undefined)[] = ['FAILED', 'QUARANTINED'];

function faultOf({ id, health, state, reason }: ListedInstance, { reasons }: Telling): string[] {
  if (faulty.includes(state)) return [`instance ${id} is ${state}`];
  if (health !== 'UNHEALTHY' && health !== 'UNREACHABLE') return [];
  return [`instance ${id} is ${health}${reason === undefined || !reasons ? '' : `: ${reason}`}`];
}

const named = (faults: readonly string[]): string[] =>
  faults.length <= mostNamed
    ? [...faults]
    : [...faults.slice(0, mostNamed), `${faults.length - mostNamed} more instances are so`];

/** With what it needs. Whatever does not run, or has no instance to call, does not serve those who need it. */
export function withNeeds(own: JudgedService, needs: readonly Needed[]): JudgedService {
  if (own.health === 'STOPPED' || own.health === 'ASLEEP') return own;
  const because = [...own.because, ...needs.flatMap(lackOf)];
  const lacks = because.length > own.because.length;
  return { because, health: lacks && own.health !== 'UNHEALTHY' ? 'DEGRADED' : own.health };
}

function lackOf({ service, required, health }: Needed): string[] {
  const needs = `it ${required ? 'requires' : 'uses'} ${service}`;
  if (health === undefined) return [`${needs}, which is not registered`];
  const lacks = required ? ['DEGRADED', 'UNHEALTHY', 'STOPPED'] : ['UNHEALTHY'];
  return lacks.includes(health) ? [`${needs}, which is ${health}`] : [];
}
