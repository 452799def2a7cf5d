import { Match } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Synthesized, synthesize } from './synthesized.ts';

const tableType = 'AWS::DynamoDB::GlobalTable';

/** The table of measurements, which alone is not kept; or the others. */
const tablesThat = (are: 'kept' | 'not kept', { data }: Synthesized) =>
  Object.entries(data.findResources(tableType)).flatMap(([id, resource]) =>
    id.startsWith('Telemetry') === (are === 'not kept') ? [resource] : [],
  );

let system: Synthesized;
beforeAll(async () => {
  system = await synthesize();
}, 60_000);

describe('the tables', () => {
  const index = (name: string, projection: object) => ({
    IndexName: name,
    KeySchema: [
      { AttributeName: `${name}pk`, KeyType: 'HASH' },
      { AttributeName: `${name}sk`, KeyType: 'RANGE' },
    ],
    Projection: projection,
  });
  const keys = [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ];
  const recovery = (enabled: boolean) => [
    Match.objectLike({ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: enabled } }),
  ];

  it('keep services and definitions with two full indexes and point-in-time recovery', () => {
    const all = { ProjectionType: 'ALL' };
    system.data.hasResourceProperties(tableType, {
      KeySchema: keys,
      BillingMode: 'PAY_PER_REQUEST',
      GlobalSecondaryIndexes: [index('gsi1', all), index('gsi2', all)],
      TimeToLiveSpecification: { AttributeName: 'expiresAtEpochSeconds', Enabled: true },
      Replicas: recovery(true),
    });
  });

  it('keep instances with two indexes of keys alone, without point-in-time recovery', () => {
    const keysOnly = { ProjectionType: 'KEYS_ONLY' };
    system.data.hasResourceProperties(tableType, {
      KeySchema: keys,
      BillingMode: 'PAY_PER_REQUEST',
      GlobalSecondaryIndexes: [index('gsi1', keysOnly), index('gsi2', keysOnly)],
      Replicas: recovery(false),
    });
  });

  it('keep callers with two indexes of keys alone and point-in-time recovery: no index has a hash', () => {
    const keysOnly = { ProjectionType: 'KEYS_ONLY' };
    system.data.hasResourceProperties(tableType, {
      GlobalSecondaryIndexes: [index('gsi1', keysOnly), index('gsi2', keysOnly)],
      Replicas: recovery(true),
    });
  });

  it('keep who asked for what without an index, with point-in-time recovery, and let it expire', () => {
    const [audit] = Object.entries(system.data.findResources(tableType)).flatMap(([id, resource]) =>
      id.startsWith('Audit') ? [resource] : [],
    );
    expect(audit?.['Properties']).toMatchObject({
      KeySchema: keys,
      BillingMode: 'PAY_PER_REQUEST',
      TimeToLiveSpecification: { AttributeName: 'expiresAtEpochSeconds', Enabled: true },
      Replicas: [{ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }],
    });
    expect(audit?.['Properties']).not.toHaveProperty('GlobalSecondaryIndexes');
  });

  it('keep executions with three indexes of what lists show, and let ended ones expire', () => {
    const shown = {
      ProjectionType: 'INCLUDE',
      NonKeyAttributes: Match.arrayWith(['id', 'workflow', 'stored', 'startedAt']),
    };
    system.data.hasResourceProperties(tableType, {
      KeySchema: keys,
      BillingMode: 'PAY_PER_REQUEST',
      GlobalSecondaryIndexes: [index('gsi1', shown), index('gsi2', shown), index('gsi3', shown)],
      TimeToLiveSpecification: { AttributeName: 'expiresAtEpochSeconds', Enabled: true },
      Replicas: recovery(false),
    });
  });

  it('keep measurements with two indexes of keys alone, without point-in-time recovery, and let them expire', () => {
    const keysOnly = { ProjectionType: 'KEYS_ONLY' };
    const [telemetry] = tablesThat('not kept', system);
    expect(telemetry?.['Properties']).toMatchObject({
      KeySchema: keys,
      BillingMode: 'PAY_PER_REQUEST',
      GlobalSecondaryIndexes: [index('gsi1', keysOnly), index('gsi2', keysOnly)],
      TimeToLiveSpecification: { AttributeName: 'expiresAtEpochSeconds', Enabled: true },
      Replicas: [{ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false } }],
    });
  });

  it('are named by CloudFormation and stand apart from everything else', () => {
    expect(Object.keys(system.data.toJSON()['Resources'])).toHaveLength(6);
    system.data.allResourcesProperties(tableType, { TableName: Match.absent() });
    for (const other of [system.workflows, system.api, system.monitoring])
      other.resourceCountIs(tableType, 0);
  });

  it('outlive their stack, and neither they nor it can be deleted by accident', () => {
    const kept = tablesThat('kept', system);
    expect(kept).toHaveLength(5);
    for (const table of kept)
      expect(table).toMatchObject({
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: { Replicas: [{ DeletionProtectionEnabled: true }] },
      });
    expect(system.stacks.data.terminationProtection).toBe(true);
  });

  it('of measurements can go with their stack: nothing else needs them', () => {
    const [telemetry] = tablesThat('not kept', system);
    expect(telemetry).toMatchObject({
      DeletionPolicy: 'Delete',
      Properties: { Replicas: [{ DeletionProtectionEnabled: false }] },
    });
  });

  it('go with a throw-away stage', async () => {
    const { data, stacks } = await synthesize({ settings: { keepData: false } });
    data.resourceCountIs(tableType, 6);
    data.allResources(tableType, { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
    data.allResourcesProperties(tableType, {
      Replicas: [Match.objectLike({ DeletionProtectionEnabled: false })],
    });
    expect(stacks.data.terminationProtection).toBe(false);
  }, 60_000);
});

describe('the other stacks', () => {
  it('hold what can be made again, and so may be deleted', () => {
    const { workflows, api, monitoring } = system.stacks;
    for (const stack of [workflows, api, monitoring]) expect(stack.terminationProtection).not.toBe(true);
  });
});
