import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Synthesized, synthesize } from './synthesized.ts';
import { TemplateReader } from './template-reader.ts';

let system: Synthesized;
let widgets: z.infer<typeof Widgets>['widgets'];
beforeAll(async () => {
  system = await synthesize();
  const [[, properties] = []] = new TemplateReader(system.monitoring).resources('AWS::CloudWatch::Dashboard');
  widgets = Widgets.parse(JSON.parse(bodyOf(properties?.['DashboardBody']))).widgets;
}, 60_000);

const Joined = z.object({ 'Fn::Join': z.tuple([z.literal(''), z.array(z.unknown())]) });
/** References of the template, as words. */
const bodyOf = (body: unknown): string =>
  Joined.parse(body)
    ['Fn::Join'][1].map((part) =>
      typeof part === 'string' ? part : JSON.stringify(part).replaceAll('"', ''),
    )
    .join('');

const Widgets = z.object({
  widgets: z.array(
    z.object({
      type: z.string(),
      properties: z.looseObject({
        title: z.string().optional(),
        markdown: z.string().optional(),
        metrics: z.array(z.array(z.unknown())).default([]),
        alarms: z.array(z.string()).default([]),
      }),
    }),
  ),
});

const metrics = () => widgets.flatMap(({ properties }) => properties.metrics);

describe('the dashboard', () => {
  it('shows workflows, services, health, what is refused and what costs, under the alarms', () => {
    expect(widgets.map(({ properties: { title, markdown } }) => title ?? markdown)).toEqual([
      'Alarms',
      '## Workflows and services',
      'Executions',
      'Share of executions that failed',
      'Time of executions (ms)',
      'Calls of services',
      'Time of calls (ms)',
      '## Health, lags and what was lost',
      'Changes of the health of instances',
      'Runs that are late (s)',
      'Lost, and made good',
      'Requests of the API',
      'Time of answers of the API (ms)',
      '## What is refused',
      'Calls that Lambda refuses',
      'Calls that DynamoDB refuses',
      'Transitions that Step Functions refuses',
      '## What costs',
      'Calls of functions',
      'Time of functions (ms)',
      'Units of DynamoDB',
      'State transitions of the account',
      'Bytes of logs',
    ]);
  });

  it('shows every alarm', () => {
    const alarms = new TemplateReader(system.monitoring).ids('AWS::CloudWatch::Alarm');
    expect(widgets[0]?.properties.alarms).toHaveLength(alarms.length);
  });

  it('has every metric that the stage writes, and costs nothing while it is among three: 50 metrics at most', () => {
    const own = metrics().flatMap(([namespace, name]) => (namespace === 'Orchestrator' ? [name] : []));
    expect([...new Set(own)].sort()).toEqual([
      'CallErrors',
      'CallRetries',
      'CallTime',
      'ExecutionErrors',
      'ExecutionTime',
      'HealthChanges',
      'LateRuns',
      'SweepRepairs',
      'UndeliveredEvents',
    ]);
    expect(metrics().length).toBeLessThanOrEqual(50);
  });

  it('is left out where the settings say so, and what the alarms need of other stacks stays', async () => {
    const without = await synthesize({ settings: { dashboard: false } });
    without.monitoring.resourceCountIs('AWS::CloudWatch::Dashboard', 0);
    for (const stack of ['workflows', 'api'] as const)
      expect(Object.keys(without[stack].findOutputs('*')).sort()).toEqual(
        Object.keys(system[stack].findOutputs('*')).sort(),
      );
  }, 60_000);
});
