import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import { unknownService } from '../../registry/services/model/service-reference.ts';
import { ServiceName } from '../../registry/services/service-shapes.ts';
import type { ServiceStore } from '../../registry/services/store/service-store.ts';
import { CallFigures, callFigures } from '../usage/model/figures.ts';
import { seriesOf } from '../usage/model/series.ts';
import { totalOf } from '../usage/model/usage.ts';
import { isoOfMinute, windowOf } from '../usage/model/window.ts';
import { byCount, readUsage, shownWindow, type UsageContext } from '../usage/read-usage.ts';
import { ShownWindow, windowFields } from '../usage/window-shapes.ts';

interface ServiceMetricsContext extends UsageContext {
  readonly services: Pick<ServiceStore, 'get'>;
}

export const getServiceMetrics = defineOperation({
  id: 'get_service_metrics',
  summary:
    'Show how much a service was called, how often it failed and how long it took, in all, by tool and over time',
  input: z.strictObject({ name: ServiceName, ...windowFields }),
  output: z.object({
    service: z.string(),
    ...ShownWindow,
    total: CallFigures,
    inFlight: z.number().describe('Calls under way at once, on average'),
    tools: z
      .array(CallFigures.extend({ tool: z.string() }))
      .describe('By tool, or by method and path; (other) where there were too many'),
    series: z.array(CallFigures.extend({ at: z.string().describe('The first moment of the point') })),
  }),
  errors: ['service.not-found'],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/services/{name}/metrics', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: ServiceMetricsContext, { name, ...asked }) {
    const window = windowOf(asked, context.clock.now());
    const read = await readUsage(context, { kind: 'service', name }, window);
    // What was called and then deregistered is shown all the same.
    if (read.minutes.length === 0 && !(await context.services.get(name))) throw unknownService(name);
    const { lasted } = read.window;
    return {
      service: name,
      ...shownWindow(read),
      total: callFigures(totalOf(read.sum), lasted),
      inFlight: Math.round((read.sum.busyMs / (lasted * 60_000)) * 100) / 100,
      tools: byCount(read.sum.parts).map(([tool, tally]) => ({ tool, ...callFigures(tally, lasted) })),
      series: seriesOf(read.minutes, read.window).map(({ minute, minutes, usage }) => ({
        at: isoOfMinute(minute),
        ...callFigures(totalOf(usage), minutes),
      })),
    };
  },
});
