/** Shows how the health of a service and its instances has changed. */
import * as z from 'zod';
import { OrchestratorError } from '../../../base/errors.ts';
import { requireInstances } from '../../../instances/instance-shapes.ts';
import type { ServiceInstances } from '../../../instances/model/instances.ts';
import { defineOperation } from '../../../operation/operation.ts';
import { Limit, Moment } from '../../../operation/query.ts';
import { Name } from '../../../registry/services/model/service-terms.ts';
import { HealthChange } from '../model/health-change.ts';
import { HealthHour, healthHours, type Steady } from '../model/health-hours.ts';
import type { HealthOperationContext } from './context.ts';

const dayMs = 86_400_000;
const mostDays = 7;
/** Changes behind one answer. */
const mostRead = 1_000;

export const getHealthHistory = defineOperation({
  id: 'get_health_history',
  summary:
    'Show each change of the health of the instances of a service with its reason, newest first, and hour by hour',
  input: z.strictObject({
    service: Name.describe('Name of the service'),
    instance: z.string().min(1).max(128).optional().describe('Only this one'),
    from: Moment.optional().describe('The last 24 hours when left out'),
    to: Moment.optional().describe(`Now when left out; at most ${mostDays} days after from`),
    limit: Limit,
  }),
  output: z.object({
    service: z.string(),
    from: z.string().describe('ISO time; later than asked for where there were too many changes'),
    to: z.string(),
    changes: z.array(HealthChange),
    more: z.boolean().describe('Whether there are changes besides, which a shorter window shows'),
    hours: z.array(HealthHour),
  }),
  errors: ['service.not-found'],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/services/{service}/health-history', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: HealthOperationContext, { service, instance, limit, ...asked }) {
    const known = await requireInstances(context, service);
    const window = windowOf(asked, context.clock.now());
    const read = await context.healthHistory.between(service, {
      from: new Date(window.fromMs).toISOString(),
      to: new Date(window.toMs).toISOString(),
      limit: mostRead + 1,
    });
    const complete = read.length <= mostRead;
    const changes = read
      .slice(0, mostRead)
      .filter((one) => instance === undefined || one.instance === instance);
    const oldest = read[mostRead - 1];
    const fromMs = complete || !oldest ? window.fromMs : Date.parse(oldest.at);
    const later = await laterChanges(context, { service, ...window });
    const all = [...changes, ...later.filter((one) => instance === undefined || one.instance === instance)];
    const steady = steadyOf(known, { instance, changed: new Set(all.map((one) => one.instance)) });
    return {
      service,
      from: new Date(fromMs).toISOString(),
      to: new Date(window.toMs).toISOString(),
      changes: changes.slice(0, limit),
      more: !complete || changes.length > limit,
      hours: healthHours({ changes: all, steady }, { fromMs, toMs: window.toMs }),
    };
  },
});

function windowOf(
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
  nowMs: number,
) {
  const toMs = Math.min(to === undefined ? nowMs : Date.parse(to), nowMs);
  const fromMs = from === undefined ? toMs - dayMs : Date.parse(from);
  if (fromMs > toMs) throw invalid('from', 'must not be later than to, nor than now');
  if (toMs - fromMs > mostDays * dayMs) throw invalid('from', `must be at most ${mostDays} days before to`);
  return { fromMs, toMs, nowMs };
}

/** Those between the window and now, the oldest of them: what an instance was in the window, its next change says. */
async function laterChanges(
  { healthHistory }: HealthOperationContext,
  { service, toMs, nowMs }: { readonly service: string; readonly toMs: number; readonly nowMs: number },
): Promise<HealthChange[]> {
  if (toMs >= nowMs) return [];
  return await healthHistory.between(service, {
    from: new Date(toMs + 1).toISOString(),
    to: new Date(nowMs).toISOString(),
    limit: mostRead,
    oldestFirst: true,
  });
}

const invalid = (path: string, message: string): OrchestratorError =>
  new OrchestratorError('request.invalid', `${path}: ${message}`, { errors: [{ path, message }] });

interface Wanted {
  readonly instance: string | undefined;
  readonly changed: ReadonlySet<string>;
}

/** Those that are what they are for longer than the window, as far as somebody has looked. */
function steadyOf(known: ServiceInstances, { instance, changed }: Wanted): Steady[] {
  const checked = (known.checked ?? []).map(({ id, health, sinceMs }) => ({ id, health, sinceMs }));
  const driven = (known.driven ?? []).flatMap(({ id, health, healthySinceMs: sinceMs }) =>
    sinceMs === undefined ? [] : { id, health, sinceMs },
  );
  return [...checked, ...driven].filter(
    ({ id }) => !changed.has(id) && (instance === undefined || id === instance),
  );
}
