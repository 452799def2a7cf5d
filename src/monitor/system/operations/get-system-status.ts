/** One page of how everything is. */
import * as z from 'zod';
import type { ExecutionOperationContext } from '../../../executions/operations/context.ts';
import { InstanceHealth, listedInstances } from '../../../instances/model/instances.ts';
import { ServiceHealth } from '../../../instances/model/judged-service.ts';
import { defineOperation } from '../../../operation/operation.ts';
import type { GraphContext } from '../../../registry/dependencies/change-graph.ts';
import { allServices, readArrows } from '../../../registry/dependencies/read-graph.ts';
import { type Judged, type JudgingContext, judgeServices } from '../../health/judge-services.ts';
import { Executions, executionsNow } from '../executions-now.ts';
import type { SweepMarks } from '../sweep-marks.ts';
import { Sweep, sweepsNow } from '../sweeps-now.ts';

interface SystemContext
  extends GraphContext,
    Pick<JudgingContext, 'instances'>,
    Pick<ExecutionOperationContext, 'executionLists' | 'steps'> {
  readonly sweepMarks: Pick<SweepMarks, 'all'>;
}

/** What is looked at in one answer, and what is named. */
const most = { services: 500, named: 50 } as const;

const counts = <Word extends string>(words: z.ZodEnum<Record<Word, Word>>) =>
  z.partialRecord(words, z.number().int());

export const getSystemStatus = defineOperation({
  id: 'get_system_status',
  summary:
    'Show on one page how everything is: services and instances, executions, approvals that wait, and what runs by a schedule',
  input: z.strictObject({}),
  output: z.object({
    at: z.string().describe('ISO time of this answer; everything in it was read for it'),
    healthy: z.boolean().describe('Whether nothing below is wrong, as far as somebody has looked'),
    services: z.object({
      registered: z.number().int(),
      looked: z.number().int().describe(`How many of them this answer is about, ${most.services} at most`),
      byHealth: counts(ServiceHealth),
    }),
    instances: counts(InstanceHealth).describe('Of the services that were looked at'),
    degraded: z
      .array(z.object({ service: z.string(), health: ServiceHealth, because: z.array(z.string()) }))
      .describe(`What is DEGRADED or UNHEALTHY, with why; ${most.named} at most`),
    executions: Executions,
    sweeps: z.array(Sweep).describe('What looks after everything by a schedule'),
  }),
  errors: [],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/system-status', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: SystemContext) {
    const { arrows } = await readArrows(context);
    const names = [...(await allServices(context, arrows))].sort();
    const looked = names.slice(0, most.services);
    const [judged, executions, sweeps] = await Promise.all([
      judgeServices(context, looked),
      executionsNow(context),
      sweepsNow(context),
    ]);
    const services = looked.flatMap((name) => judged.get(name) ?? []);
    const wrong = services.filter(({ health }) => health === 'DEGRADED' || health === 'UNHEALTHY');
    return {
      at: new Date(context.clock.now()).toISOString(),
      healthy: wrong.length === 0 && sweeps.every(({ late }) => !late),
      services: {
        registered: names.length,
        looked: looked.length,
        byHealth: counted(services.map(({ health }) => health)),
      },
      instances: counted(services.flatMap((one) => instanceHealths(one, context.clock.now()))),
      degraded: wrong
        .slice(0, most.named)
        .map(({ known, health, because }) => ({ service: known.name, health, because: [...because] })),
      executions,
      sweeps,
    };
  },
});

const instanceHealths = ({ known }: Judged, nowMs: number): InstanceHealth[] =>
  listedInstances(known, nowMs).map(({ health }) => health);

function counted<Word extends string>(words: readonly Word[]): Partial<Record<Word, number>> {
  const counts: Partial<Record<Word, number>> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
