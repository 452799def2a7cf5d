/**
 * One turn of a change: it waits its turn, writes wave by wave what is wanted, brings it about, and looks until the
 * instances of the wave are as they should be. Every turn reads all it needs, so that one that is repeated or lost does no
 * harm. A change that is cancelled ends before the next wave, or while it waits for this one.
 */
import { isoNow } from '../../base/clock.ts';
import type { Turn } from '../../workflows/compiler/turn-machine.ts';
import type { ReconcileContext } from '../context.ts';
import { isTakenBack } from '../model/apply-action.ts';
import {
  type Action,
  type Change,
  goesOnAfterFailure,
  hasEnded,
  type Wave,
  waveUnderWay,
} from '../model/change.ts';
import { liesAhead } from '../model/clock-set-back.ts';
import { type Progress, progressOf, progressWithout } from '../model/progress.ts';
import { createLookPauses } from '../reconciler/look-pauses.ts';
import { reconcileService } from '../reconciler/reconcile-service.ts';
import { putChange } from '../tell-events.ts';
import { applyWave, undoWave } from './apply-wave.ts';
import { leaveRows } from './request-change.ts';
import { takeTurnInRows } from './take-turn-in-rows.ts';

export interface Pace {
  /** How long one turn may last. */
  readonly turnMs: number;
  /** At most between two looks at a wave. */
  readonly lookMs: number;
}

const done: Turn = { next: 'done', waitSeconds: 0 };
const waitTurn: Turn = { next: 'wait', waitSeconds: 5 };
const again: Turn = { next: 'again', waitSeconds: 0 };

export async function changeTurn(
  context: ReconcileContext & { readonly pace: Pace },
  { changeId }: { readonly changeId: string },
): Promise<Turn> {
  const untilMs = context.clock.now() + context.pace.turnMs;
  const pauses = createLookPauses(context, context.pace.lookMs);
  let change = await begun(context, changeId);
  while (change && !hasEnded(change) && !context.ending()) {
    if (change.status === 'WAITING') return waitTurn;
    const stepped = await step(context, change);
    change = stepped.change;
    if (change && !hasEnded(change)) await pauses.afterLook(stepped.moved);
    if (context.clock.now() >= untilMs) break;
    change = await context.changes.get(changeId);
  }
  if (change && !hasEnded(change)) return again;
  if (change) await leaveRows(context, change);
  return done;
}

/** The change, under way if its turn has come. */
async function begun(context: ReconcileContext, id: string): Promise<Change | undefined> {
  const change = await context.changes.get(id);
  if (!change || hasEnded(change)) return change;
  if (change.cancelRequested && change.status === 'WAITING')
    return end(context, change, { status: 'CANCELLED', why: undefined });
  if (change.status === 'RUNNING') return change;
  const why = await takeTurnInRows(context, change);
  if (why !== undefined) return why === change.why ? change : put(context, change, { why });
  return put(context, change, { status: 'RUNNING', startedAt: isoNow(context.clock), why: undefined });
}

interface Stepped {
  readonly change: Change | undefined;
  /** Whether the change, or an instance of its wave, is another one than before. */
  readonly moved: boolean;
}

/** Begins or ends a wave or the change, or looks at the wave that is under way. */
async function step(context: ReconcileContext, change: Change): Promise<Stepped> {
  const index = waveUnderWay(change);
  const wave = change.waves[index];
  if (!wave) return moved(await endAfterWaves(context, change));
  if (change.cancelRequested)
    return moved(await end(context, change, { status: 'CANCELLED', why: cancelText(change, index) }));
  if (wave.status === 'RUNNING') return lookAt(context, change, { wave, index });
  await applyWave(context, change, { wave, index });
  return moved(
    await put(context, change, {
      waves: withStatus(change.waves, index, { status: 'RUNNING' }),
      waveStartedAt: isoNow(context.clock),
    }),
  );
}

const moved = (change: Change | undefined): Stepped => ({ change, moved: true });

async function lookAt(
  context: ReconcileContext,
  change: Change,
  { wave, index }: { readonly wave: Wave; readonly index: number },
): Promise<Stepped> {
  const { progress, moved: instancesMoved } = await progressOfWave(context, change, wave);
  if (progress.status === 'done')
    return moved(
      await put(context, change, {
        waves: withStatus(change.waves, index, { status: 'DONE' }),
        why: undefined,
      }),
    );
  if (progress.status === 'failed') return moved(await fail(context, change, { index, why: progress.why }));
  if (isOfTheFuture(context, change))
    return moved(await put(context, change, { waveStartedAt: isoNow(context.clock) }));
  if (!isLate(context, change)) return { change, moved: instancesMoved };
  const why = `not done within ${change.waveTimeoutSeconds} s: ${progress.why}`;
  return moved(await fail(context, change, { index, why }));
}

const isLate = ({ clock }: ReconcileContext, { waveStartedAt, waveTimeoutSeconds }: Change): boolean =>
  waveStartedAt !== undefined && clock.now() - Date.parse(waveStartedAt) > waveTimeoutSeconds * 1000;

/** The clock was set back: nobody waits for as long as that. */
const isOfTheFuture = ({ clock }: ReconcileContext, { waveStartedAt }: Change): boolean =>
  waveStartedAt !== undefined && liesAhead(Date.parse(waveStartedAt), clock.now());

const withStatus = (waves: readonly Wave[], index: number, to: Pick<Wave, 'status' | 'why'>): Wave[] =>
  waves.map((wave, at) => (at === index ? { ...wave, ...to } : wave));

/** Of one that went on after a wave failed it says what did. */
function endAfterWaves(context: ReconcileContext, change: Change): Promise<Change | undefined> {
  const failures = change.waves.flatMap(({ status, why }) => (status === 'FAILED' && why ? [why] : []));
  return failures.length === 0
    ? end(context, change, { status: 'SUCCEEDED', why: undefined })
    : end(context, change, { status: 'FAILED', why: failures.join('; ') });
}

/** What is wanted stays wanted: a wave that has begun is brought to its end without the change. */
function cancelText({ cancelRequested, waves }: Change, index: number): string {
  const why = cancelRequested?.reason ? `: ${cancelRequested.reason}` : '';
  const begun = waves[index]?.status === 'RUNNING' ? '; what the next one has begun goes on' : '';
  return `${cancelRequested?.by} cancelled it after ${index} of ${waves.length} waves${why}${begun}`;
}

type Unfinished = Exclude<Progress, { readonly status: 'done' }>;

interface Looked {
  readonly progress: Progress;
  readonly moved: boolean;
}

/** The worst of its actions; where a change goes on all the same, a failure counts when none is under way any more. */
async function progressOfWave(context: ReconcileContext, change: Change, { actions }: Wave): Promise<Looked> {
  const all = await Promise.all(actions.map((action) => progressOfAction(context, change, action)));
  const rest = all.flatMap(({ progress }) => (progress.status === 'done' ? [] : [progress]));
  return {
    progress: goesOnAfterFailure(change)
      ? allOf(rest)
      : (rest.find(isFailed) ?? rest[0] ?? { status: 'done' }),
    moved: all.some((one) => one.moved),
  };
}

const isFailed = ({ status }: Progress): boolean => status === 'failed';

function allOf(rest: readonly Unfinished[]): Progress {
  const why = rest.map((one) => one.why).join('; ');
  if (rest.length === 0) return { status: 'done' };
  return rest.every(isFailed) ? { status: 'failed', why } : { status: 'under way', why };
}

async function progressOfAction(context: ReconcileContext, change: Change, action: Action): Promise<Looked> {
  const { lifecycle, instances, acted, moved } = await reconcileService(context, action.service);
  if (!lifecycle) return { progress: progressWithout(action), moved };
  if (isTakenBack(lifecycle, change))
    return { progress: { status: 'failed', why: 'it was taken back' }, moved };
  const progress = progressOf(action, { lifecycle, instances });
  return acted && progress.status === 'done'
    ? { progress: { status: 'under way', why: 'it has just acted' }, moved }
    : { progress, moved };
}

async function fail(
  context: ReconcileContext,
  change: Change,
  { index, why }: { readonly index: number; readonly why: string },
): Promise<Change | undefined> {
  if (goesOnAfterFailure(change))
    return put(context, change, { waves: withStatus(change.waves, index, { status: 'FAILED', why }) });
  const undone = await undoWave(context, change, index);
  return end(context, change, {
    status: 'FAILED',
    why: undone ? `${why}; what was there before is brought back` : why,
    waves: withStatus(change.waves, index, { status: 'FAILED' }),
  });
}

interface Ending {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  readonly why: string | undefined;
  readonly waves?: Wave[];
}

async function end(
  context: ReconcileContext,
  change: Change,
  { status, ...rest }: Ending,
): Promise<Change | undefined> {
  const ended = await put(context, change, { status, ...rest, endedAt: isoNow(context.clock) });
  if (!ended || !hasEnded(ended)) return ended;
  const { id: changeId, kind, services, workflowId } = ended;
  const about = { changeId, kind, services, status, workflowId };
  context.log[status === 'FAILED' ? 'warn' : 'info']('change ended', about);
  return ended;
}

/** Where somebody else has written it meanwhile, what they wrote. */
async function put(
  context: ReconcileContext,
  change: Change,
  patch: Partial<Change>,
): Promise<Change | undefined> {
  const next = { ...change, ...patch, ver: change.ver + 1 };
  return (await putChange(context, next)) ? next : context.changes.get(change.id);
}
