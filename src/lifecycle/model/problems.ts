/**
 * What keeps an instance from getting on, as its record says it: written when it appears or its words change, and not more
 * often than every ten seconds, so that neither a failing check nor a driver that fails now and then writes with each look.
 */
import { type DrivenInstance, mayRun, type Problem } from '../../instances/model/driven-instance.ts';
import { type Circumstances, type Next, type Seen, saidUnderWay } from './instance-step.ts';

/** What a look or a call of the driver has found. */
export interface Findings {
  readonly fails?: Pick<Problem, 'of' | 'why'> | undefined;
  readonly works?: readonly Problem['of'][];
}

const leastBetweenMs = 10_000;
const mostCharacters = 600;
/** A check that fails so soon after the start says only that the start takes its time. */
const quickStartMs = 2_000;
/** How long calls may take before its record says that they are waited for. */
const quickDrainMs = 3_000;
/** How long an end may take before its record says that it still runs. */
const quickStopMs = 60_000;

/** What is to be written of it; undefined when the record says so already, or was written a moment ago. */
export function toldProblem(
  { problem }: Pick<DrivenInstance, 'problem'>,
  { fails, works = [] }: Findings,
  nowMs: number,
): Pick<DrivenInstance, 'problem'> | undefined {
  if (problem && nowMs - problem.toldAtMs < leastBetweenMs) return undefined;
  if (!fails) return problem && works.includes(problem.of) ? { problem: undefined } : undefined;
  const { of } = fails;
  const why = fails.why.slice(0, mostCharacters);
  if (problem?.of === of && problem.why === why) return undefined;
  return { problem: { of, why, sinceMs: problem?.of === of ? problem.sinceMs : nowMs, toldAtMs: nowMs } };
}

/** The next step of an instance, with what its record is to say of its problem. A move to another state ends each. */
export function withProblem(seen: Seen, circumstances: Circumstances, next: Next): Next {
  if (next === 'forget' || (typeof next === 'object' && next.to !== undefined)) return next;
  const told = toldProblem(seen.instance, findingsOf(seen, circumstances), circumstances.nowMs);
  if (!told) return next;
  if (typeof next === 'object') return { ...next, patch: { ...next.patch, ...told } };
  return { patch: told, ...(next !== undefined && { ask: next }) };
}

function findingsOf(seen: Seen, circumstances: Circumstances): Findings {
  const { instance, unknown, probed } = seen;
  if (instance.state === 'PENDING') return requirement(instance, circumstances);
  if (!mayRun(instance)) return {};
  if (unknown) return { fails: { of: 'describe', why: unknown.why } };
  if (instance.state === 'DRAINING' && seen.calls) return callsLeft(seen, circumstances);
  if (probed?.passed) return { works: ['describe', 'check'] };
  if (probed && !isQuick(instance, circumstances))
    return { fails: { of: 'check', why: `its health check fails${probed.why ? `: ${probed.why}` : ''}` } };
  return stillRuns(seen, circumstances) ?? { works: worksOf(seen) };
}

/** What its driver knows it has started. */
const worksOf = ({ observed }: Seen): Problem['of'][] =>
  observed && observed.state !== 'GONE' ? ['describe', 'start'] : ['describe'];

const isQuick = ({ state, startedAtMs = 0 }: DrivenInstance, { nowMs }: Circumstances): boolean =>
  state === 'STARTING' && nowMs - startedAtMs < quickStartMs;

/** Its last move may say so already. */
function requirement({ history }: DrivenInstance, { missing }: Circumstances): Findings {
  if (missing === undefined) return { works: ['requirement'] };
  const why = `it waits for ${missing}`;
  return history.at(-1)?.reason.endsWith(why) ? {} : { fails: { of: 'requirement', why } };
}

function callsLeft({ instance, calls }: Seen, { nowMs }: Circumstances): Findings {
  if (!calls || calls.count === 0) return { works: ['describe', 'calls'] };
  if (nowMs - instance.stateSinceMs < quickDrainMs) return { works: ['describe'] };
  return { fails: { of: 'calls', why: saidUnderWay(calls.count) } };
}

/** Where it was not ended, its record says why. */
function stillRuns({ instance, observed }: Seen, { nowMs }: Circumstances): Findings | undefined {
  if (instance.state !== 'STOPPING' || !observed || instance.problem?.of === 'stop') return undefined;
  if (nowMs - instance.stateSinceMs < quickStopMs) return undefined;
  return { fails: { of: 'stop', why: 'its driver was asked to end it, and says that it still runs' } };
}
