import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { synthesize } from './synthesized.ts';

const Reports = z.object({
  pluginReports: z.array(
    z.object({
      pluginName: z.string(),
      conclusion: z.string(),
      violations: z.array(z.unknown()).default([]),
      suppressedViolations: z
        .array(
          z.object({
            ruleName: z.string(),
            reason: z.string(),
            violatingConstructs: z.array(z.object({ constructPath: z.string() })),
          }),
        )
        .default([]),
    }),
  ),
});

const byRules = async (input?: Parameters<typeof synthesize>[0]) => {
  const { validation } = await synthesize(input);
  const found = Reports.parse(validation).pluginReports.find(
    ({ pluginName }) => pluginName === 'AwsSolutions',
  );
  if (found === undefined) throw new Error('the rules did not run');
  return found;
};

type Report = Awaited<ReturnType<typeof byRules>>;

let report: Report;
beforeAll(async () => {
  report = await byRules();
}, 60_000);

describe('the AwsSolutions rules', () => {
  it('find nothing in any stack that is not acknowledged with a reason', () => {
    const { conclusion, violations, suppressedViolations } = report;
    expect({ conclusion, violations }).toEqual({ conclusion: 'success', violations: [] });
    expect(suppressedViolations.filter(({ reason }) => reason.length < 20)).toEqual([]);
    const acknowledged = new Set(suppressedViolations.map(({ ruleName }) => ruleName.split('[')[0]));
    expect([...acknowledged].sort()).toEqual([
      'AwsSolutions-APIG2',
      'AwsSolutions-APIG3',
      'AwsSolutions-APIG4',
      'AwsSolutions-COG4',
      'AwsSolutions-IAM4',
      'AwsSolutions-IAM5',
      'AwsSolutions-L1',
      'AwsSolutions-SF1',
      'AwsSolutions-SF2',
      'AwsSolutions-SMG4',
      'AwsSolutions-SQS3',
    ]);
  });

  it('let two methods be open, and resources be everything only where AWS knows nothing narrower', () => {
    const where = (rule: string) =>
      report.suppressedViolations
        .filter(({ ruleName }) => ruleName === rule)
        .flatMap(({ violatingConstructs }) => violatingConstructs.map(({ constructPath }) => constructPath))
        .sort();
    expect(where('AwsSolutions-APIG4')).toEqual([
      'orchestrator-dev-api/Api/Rest/Default/.well-known/{proxy+}/GET/Resource',
      'orchestrator-dev-api/Api/Rest/Default/healthz/GET/Resource',
    ]);
    expect(where('AwsSolutions-IAM5[Resource::*]')).toEqual([
      'orchestrator-dev-api/Functions/api/Role/DefaultPolicy/Resource',
      'orchestrator-dev-workflows/Delivery/deliver-events/Role/DefaultPolicy/Resource',
      'orchestrator-dev-workflows/Functions/record-execution/Role/DefaultPolicy/Resource',
      'orchestrator-dev-workflows/Functions/run-step/Role/DefaultPolicy/Resource',
      'orchestrator-dev-workflows/Functions/sweep/Role/DefaultPolicy/Resource',
      'orchestrator-dev-workflows/Functions/undo/Role/DefaultPolicy/Resource',
      'orchestrator-dev-workflows/RunTimeMachines/check-machines/Role/DefaultPolicy/Resource',
    ]);
  });

  it('find nothing more when everything is set', async () => {
    const { conclusion } = await byRules({
      settings: {
        keepData: false,
        alarmEmail: 'ops@example.org',
        tokenIssuer: 'https://id.example.org',
        domain: {
          name: 'orchestrator.example.org',
          certificateArn: 'arn:aws:acm:eu-central-1:000000000000:certificate/one',
        },
      },
    });
    expect(conclusion).toBe('success');
  }, 60_000);
});
