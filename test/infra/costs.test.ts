/** What AWS would bill: counted on the local system and in the templates, and held against docs/deploy.md. */
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { stageMetrics } from '../../src/monitor/metrics/model/stage-metrics.ts';
import { type CountedRun, countRun } from './costs/counted-run.ts';
import { amount, type Row, tableUnder } from './costs/guide.ts';
import { looksIn } from './costs/looks-of-a-wait.ts';
import { seriesIn } from './costs/metric-series.ts';
import { memoryGb, scheduledRuns } from './costs/synthesized-facts.ts';
import { type Resource, synthesizeStage } from './costs/synthesized-stage.ts';
import type { Used } from './costs/table-usage.ts';

let counted: CountedRun;
let resources: Resource[];
beforeAll(async () => {
  counted = await countRun();
  resources = await synthesizeStage();
}, 90_000);

const described = (used: readonly Used[]): string[] =>
  used.map(({ what, readUnits, writeUnits, indexWriteUnits }) =>
    writeUnits > 0 ? `${what}: ${writeUnits} + ${indexWriteUnits} written` : `${what}: ${readUnits} read`,
  );

const withoutTime = (line: string): string => line.replace(/ \d{4}-[\d:.TZ-]+Z/, '');

const unitsOf = (used: readonly Used[]) => ({
  read: used.reduce((sum, { readUnits }) => sum + readUnits, 0),
  written: used.reduce((sum, one) => sum + one.writeUnits + one.indexWriteUnits, 0),
});

/** Each ends with one of these lines. */
const invocationsIn = (logged: readonly string[]): number =>
  logged.filter((line) => / (?:request|step attempt|execution ended)$/.test(line)).length;

/** Counts are written for many executions together. */
const isUsage = ({ what }: Used): boolean => what.startsWith('Put USAGE');
const ofExecution = (used: readonly Used[]): Used[] => used.filter((one) => !isUsage(one));

describe('a workflow of three calls', () => {
  it('enters three states, each a call of run-step, and has 17 events of history', () => {
    expect(counted).toMatchObject({
      transitions: 3,
      events: 17,
      called: ['run-step', 'run-step', 'run-step'],
    });
  });

  it('reads and writes no more than this, with what indexes take besides', () => {
    expect(described(ofExecution(counted.run))).toEqual([
      'Get WORKFLOW HEAD consistent: 1 read',
      'Put EXECUTION META: 1 + 3 written',
      ...['first', 'second', 'third'].flatMap(() => [
        'BatchGet consistent: 2 read',
        'Query: 0.5 read',
        'Update EXECUTION STEP: 1 + 0 written',
        'Update EXECUTION STEP: 1 + 0 written',
      ]),
      'Get EXECUTION META consistent: 1 read',
      // Who wants to know of events; nobody, so nothing more is written.
      'Query: 0.5 read',
      'Update EXECUTION META: 1 + 3 written',
    ]);
  });

  it('writes what was counted beside its own writes, at most ten seconds after the last time', () => {
    // Of the start, of the first step with its service, and of the end; the other steps come within ten seconds.
    expect(described(counted.run.filter(isUsage))).toEqual(Array(4).fill('Put USAGE: 1 + 0 written'));
  });

  it('is shown by one query, and the first time by a read of its definition', () => {
    expect(described(counted.status)).toEqual([
      'Query consistent: 1 read',
      'Get WORKFLOW VERSION consistent: 1 read',
    ]);
    expect(described(counted.statusAgain)).toEqual(['Query consistent: 1 read']);
  });

  it('invokes run-step three times, record-execution once, and api for its start and its status', () => {
    const call = ['run-step: service call', 'run-step: step attempt'];
    expect(counted.logged).toEqual([
      'api: execution started',
      'api: request',
      ...call,
      ...call,
      ...call,
      'record-execution: execution ended',
      'api: request',
    ]);
  });

  it('ends with one event, which one rule takes', () => {
    const patterns = resources.map(({ properties }) => JSON.stringify(properties['EventPattern'] ?? ''));
    const taking = (status: string): number => patterns.filter((text) => text.includes(`"${status}"`)).length;
    expect(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'RUNNING'].map(taking)).toEqual([1, 1, 1, 1, 0]);
  });

  it('keeps under 4 KB, and logs about 3 KB besides what Lambda and API Gateway write', () => {
    expect(counted.storedBytes).toBeGreaterThan(3000);
    expect(counted.storedBytes).toBeLessThan(4000);
    expect(counted.loggedBytes).toBeGreaterThan(2_700);
    // The trace id is in each of them, as that of X-Ray is on AWS.
    expect(counted.loggedBytes).toBeLessThan(3_600);
  });
});

describe('the metrics of a stage', () => {
  const named = (name: string) => `Orchestrator ${name} service=orchestrator-dev`;

  it('are four series of a workflow that calls services, in less than 2 KB of the log', () => {
    expect(seriesIn(counted.measured)).toEqual(
      ['CallErrors', 'CallTime', 'ExecutionErrors', 'ExecutionTime'].map(named),
    );
    expect(counted.measured.join('\n').length).toBeLessThan(2_000);
  });

  it('are none of what runs by a schedule while nothing happens; the first checks of health changed something', () => {
    expect(seriesIn(counted.measuredInAll)).toEqual(
      ['CallErrors', 'CallTime', 'ExecutionErrors', 'ExecutionTime', 'HealthChanges'].map(named),
    );
  });
});

describe('a deployment that nobody uses', () => {
  it('looks after instances every minute, sweeps every five, refreshes services every fifteen and looks at its machines once a day', () => {
    expect(scheduledRuns(resources)).toEqual({
      'rate(1 minute)': 43_200,
      'rate(5 minutes)': 8640,
      'rate(15 minutes)': 2880,
      'rate(1 day)': 30,
    });
  });

  it('reads two and a half units in a sweep, and writes down that it ran', () => {
    expect(unitsOf(counted.sweep)).toEqual({ read: 2.5, written: 1 });
  });

  it('reads two units in a look at instances, and writes down that it ran', () => {
    expect(unitsOf(counted.lifecycle)).toEqual({ read: 2, written: 1 });
  });

  it('asks with half a unit who wants to know of events, and writes down that it ran', () => {
    expect(unitsOf(counted.deliverEvents)).toEqual({ read: 0.5, written: 1 });
  });

  it('reads half a unit for each service that is checked, and writes only what has changed', () => {
    // Who wants to know of events was read by the first sweep, seconds before.
    expect(described(counted.checkHealth)).toEqual(Array(1 + services).fill('Query: 0.5 read'));
    expect(
      described(counted.firstCheck)
        .filter((one) => one.endsWith('written'))
        .map(withoutTime)
        .sort(),
    ).toEqual([
      ...Array(services).fill('Put HEALTH: 1 + 0 written'),
      ...Array(services).fill('Put SERVICE HEALTH: 1 + 0 written'),
      'Put SWEEP check-health: 1 + 0 written',
    ]);
  });

  it('has nothing that costs by the hour', () => {
    expect([...new Set(resources.map(({ type }) => type))].sort()).toEqual([
      'AWS::ApiGateway::Account',
      'AWS::ApiGateway::Authorizer',
      'AWS::ApiGateway::Deployment',
      'AWS::ApiGateway::GatewayResponse',
      'AWS::ApiGateway::Method',
      'AWS::ApiGateway::Resource',
      'AWS::ApiGateway::RestApi',
      'AWS::ApiGateway::Stage',
      'AWS::CloudWatch::Alarm',
      'AWS::CloudWatch::Dashboard',
      'AWS::DynamoDB::GlobalTable',
      'AWS::Events::Rule',
      'AWS::IAM::Policy',
      'AWS::IAM::Role',
      'AWS::Lambda::EventInvokeConfig',
      'AWS::Lambda::EventSourceMapping',
      'AWS::Lambda::Function',
      'AWS::Lambda::Permission',
      'AWS::Logs::LogGroup',
      'AWS::SNS::Topic',
      'AWS::SNS::TopicPolicy',
      'AWS::SQS::Queue',
      'AWS::SQS::QueuePolicy',
      'AWS::SecretsManager::Secret',
      'AWS::StepFunctions::StateMachine',
      'Custom::Manifest',
      'Custom::RunTimeMachines',
      'Custom::SmokeCheck',
    ]);
    const text = JSON.stringify(resources);
    expect(text.match(/"BillingMode":"PAY_PER_REQUEST"/g)).toHaveLength(6);
    expect(text).not.toMatch(
      /ProvisionedConcurren|CacheClusterEnabled":true|KmsMasterKey|KMSMasterKeyId|KmsKeyId/,
    );
  });
});

/** Every row but the total: what, how many, price, product. */
function expectProducts(rows: readonly Row[], per: number): void {
  const total = rows.at(-1);
  const parts = rows.slice(0, -1);
  for (const [what, count, price, product] of parts)
    expect(`${what}: ${product}`).toBe(`${what}: ${((amount(count) * amount(price)) / per).toFixed(2)}`);
  const sum = parts.reduce((all, [, , , product]) => all + amount(product), 0);
  expect(total?.at(-1)).toBe(`**${sum.toFixed(2)}**`);
}

const countsOf = (rows: readonly Row[]): Record<string, number> =>
  Object.fromEntries(rows.slice(0, -1).map(([what, count]) => [what, amount(count)]));

const countOf = (type: string): number => resources.filter((resource) => resource.type === type).length;

/** That are called, each by its url. */
const services = 3;

/** Read units of `check-health` without a service: the list of them, and who wants to know of events. */
const withoutServices = 1;

/** Seconds that a function is reckoned to run. */
const seconds = 0.1;

describe('the guide', () => {
  it('has the totals that the README tells', async () => {
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    const [, idle, million] = /\$([\d.]+) a month idle, about \$(\d+) for a million/.exec(readme) ?? [];
    const total = async (heading: string) => amount((await tableUnder(heading)).at(-1)?.at(-1));
    expect(amount(idle)).toBe(await total('Idle: what is there'));
    expect(amount(million)).toBe(Math.round(await total('A million workflows of three steps')));
  });

  it('tells what a million workflows cost as it is counted', async () => {
    const rows = await tableUnder('A million workflows of three steps');
    const { 'run-step': runStep = 0, 'record-execution': record = 0, api = 0 } = memoryGb(resources);
    const { read, written } = unitsOf([...ofExecution(counted.run), ...counted.status]);
    expect(countsOf(rows)).toEqual({
      'state transitions': counted.transitions,
      'DynamoDB write units': written,
      'DynamoDB read units': read,
      'API requests': 2,
      'Lambda invocations': invocationsIn(counted.logged),
      'Lambda GB-seconds': Number(((3 * runStep + record + 2 * api) * seconds).toFixed(3)),
      'KB of logs': 7,
      'KB kept, times three months': 3 * Math.ceil(counted.storedBytes / 1000),
    });
    expectProducts(rows, 1);
  });

  it('tells what waiting for an end costs as it is counted', async () => {
    const rows = await tableUnder('Waiting for an end');
    const { api = 0 } = memoryGb(resources);
    expect([await looksIn(1), (await looksIn(2)) - (await looksIn(1))]).toEqual([8, 4]);
    expect(countsOf(rows)).toEqual({
      'DynamoDB read units': await looksIn(10),
      'Lambda GB-seconds': 10 * api,
    });
    expectProducts(rows, 1);
  });

  it('tells of an idle stage that costs less than $3 a month, whoever has three dashboards for nothing', async () => {
    const totals = ['Idle: what is there', 'Idle: what runs'].map(async (heading) =>
      amount((await tableUnder(heading)).at(-1)?.at(-1)),
    );
    const [there = 0, runs = 0] = await Promise.all(totals);
    expect(there + runs).toBeLessThan(3);
  });

  it('tells what all metrics cost as there are', async () => {
    const rows = await tableUnder('Metrics and the dashboard');
    expect(countsOf(rows)).toEqual({ 'metrics of the stage': Object.keys(stageMetrics).length });
    expectProducts(rows, 1);
  });

  it('tells what has a price when idle as the templates have it', async () => {
    const rows = await tableUnder('Idle: what is there');
    expect(countsOf(rows)).toEqual({
      alarms: countOf('AWS::CloudWatch::Alarm'),
      'metrics that are written while nothing happens': 0,
      'the key in Secrets Manager': countOf('AWS::SecretsManager::Secret'),
    });
    expectProducts(rows, 1);
  });

  it('tells what runs when idle as it is counted', async () => {
    const rows = await tableUnder('Idle: what runs');
    const memory = memoryGb(resources);
    const {
      lifecycle = 0,
      'check-health': checkHealth = 0,
      'deliver-events': deliverEvents = 0,
      sweep = 0,
      'check-machines': checkMachines = 0,
      'refresh-services': refresh = 0,
    } = memory;
    const everyMinute = lifecycle + checkHealth + deliverEvents;
    const gbSeconds = (43_200 * everyMinute + 8640 * sweep + 2880 * refresh + 30 * checkMachines) * seconds;
    expect(countsOf(rows)).toEqual({
      'Lambda invocations': 3 * 43_200 + 8640 + 2880 + 30,
      'Lambda GB-seconds': Math.ceil(gbSeconds),
      'DynamoDB read units':
        43_200 * (unitsOf([...counted.lifecycle, ...counted.deliverEvents]).read + withoutServices) +
        8640 * unitsOf(counted.sweep).read,
      'DynamoDB write units': 3 * 43_200 + 8640,
      'KB of logs': 141_150,
    });
    expectProducts(rows, 1_000_000);
  });
});
