import {
  CreateActivityCommand,
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  ListTagsForResourceCommand,
  StartExecutionCommand,
  StopExecutionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StatusChange } from '../../../../local/step-functions/start.ts';
import { ending, errorName, invoke, roleArn, startEngine } from './local-engine.ts';

const machine = (states: object): string =>
  JSON.stringify({ QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states });

const passing = machine({ A: { Type: 'Pass', End: true } });
const waiting = machine({ A: { Type: 'Wait', Seconds: 600, End: true } });
const finishedCalls: string[] = [];

const functions = {
  slow: async (_: unknown, signal: AbortSignal) => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    finishedCalls.push(signal.aborted ? 'aborted' : 'finished');
  },
};

describe('the Step Functions API', () => {
  let engine: Awaited<ReturnType<typeof startEngine>>;
  const changes: StatusChange[] = [];
  beforeAll(async () => {
    engine = await startEngine({ functions, onStatusChange: (change) => changes.push(change) });
  });
  afterAll(() => engine.close());

  const create = async (name: string, definition: string): Promise<string> => {
    const created = await engine.client.send(new CreateStateMachineCommand({ name, definition, roleArn }));
    return created.stateMachineArn ?? '';
  };
  const start = (stateMachineArn: string, name?: string, input?: string) =>
    engine.client.send(new StartExecutionCommand({ stateMachineArn, name, input }));

  it('gives the same machine for the same name and definition, and refuses another definition', async () => {
    const arn = await create('twice', passing);
    expect(arn).toBe('arn:aws:states:us-east-1:000000000000:stateMachine:twice');
    expect(await create('twice', passing)).toBe(arn);
    expect(await errorName(create('twice', waiting))).toBe('StateMachineAlreadyExists');
  });

  it('makes a new revision for another definition or another role, and for neither keeps the one it has', async () => {
    const { client } = engine;
    const stateMachineArn = await create('revised', passing);
    const update = async (more: { definition?: string; roleArn?: string }) =>
      (await client.send(new UpdateStateMachineCommand({ stateMachineArn, ...more }))).revisionId;
    const shown = async () =>
      (await client.send(new DescribeStateMachineCommand({ stateMachineArn }))).revisionId;
    expect([await update({ definition: passing, roleArn }), await shown()]).toEqual([undefined, undefined]);
    const other = 'arn:aws:iam::000000000000:role/other';
    const ofRole = await update({ roleArn: other });
    expect(ofRole).toMatch(/^[\da-f-]{36}$/);
    expect(await shown()).toBe(ofRole);
    expect(await update({ definition: passing, roleArn: other })).toBe(ofRole);
    const ofDefinition = await update({ definition: waiting });
    expect(ofDefinition).not.toBe(ofRole);
    expect(await update({ definition: waiting })).toBe(ofDefinition);
    expect(await shown()).toBe(ofDefinition);
  });

  it('tells of the machine of an execution as it was: its settings, and a revision only where it was updated', async () => {
    const { client } = engine;
    const stateMachineArn = await create('revisable', passing);
    const ofExecution = async () => {
      const { executionArn } = await start(stateMachineArn);
      const { $metadata, ...told } = await client.send(
        new DescribeStateMachineForExecutionCommand({ executionArn }),
      );
      return told;
    };
    const { creationDate } = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
    expect(await ofExecution()).toEqual({
      stateMachineArn,
      name: 'revisable',
      definition: passing,
      roleArn,
      updateDate: creationDate,
      loggingConfiguration: { level: 'OFF', includeExecutionData: false },
      tracingConfiguration: { enabled: false },
    });
    const { revisionId, updateDate } = await client.send(
      new UpdateStateMachineCommand({ stateMachineArn, definition: waiting }),
    );
    expect(await ofExecution()).toMatchObject({ definition: waiting, revisionId, updateDate });
  });

  it.each(['', 'white space', 'a<b', 'a/b', 'a:b', 'a'.repeat(81), 'tab\t'])(
    'refuses the name %j',
    async (name) => {
      expect(await errorName(create(name, passing))).toBe('InvalidName');
    },
  );

  it('refuses a definition with all its faults and their paths', async () => {
    const definition = machine({ A: { Type: 'Pass', Next: 'Nowhere', Output: '{% $( %}' } });
    const refused = create('refused', definition);
    await expect(refused).rejects.toMatchObject({ name: 'InvalidDefinition' });
    await expect(refused).rejects.toThrow(
      "MISSING_TRANSITION_TARGET: Missing 'Next' target: Nowhere at /States/A/Next",
    );
    await expect(refused).rejects.toThrow(
      /SCHEMA_VALIDATION_FAILED: The JSONata expression is not valid: .* at \/States\/A\/Output/,
    );
  });

  it('describes, lists and deletes machines', async () => {
    const arn = await create('described', passing);
    const described = await engine.client.send(new DescribeStateMachineCommand({ stateMachineArn: arn }));
    expect(described).toMatchObject({
      name: 'described',
      status: 'ACTIVE',
      type: 'STANDARD',
      definition: passing,
      roleArn,
    });
    expect(described.creationDate?.getTime()).toBeGreaterThan(Date.now() - 60_000);
    const listed = await engine.client.send(new ListStateMachinesCommand({}));
    expect(listed.stateMachines?.map(({ name }) => name)).toContain('described');
    await engine.client.send(new DeleteStateMachineCommand({ stateMachineArn: arn }));
    const gone = engine.client.send(new DescribeStateMachineCommand({ stateMachineArn: arn }));
    expect(await errorName(gone)).toBe('StateMachineDoesNotExist');
    expect(await errorName(engine.client.send(new DeleteStateMachineCommand({ stateMachineArn: arn })))).toBe(
      'no error',
    );
  });

  it('keeps the tags that a machine was created with', async () => {
    const tags = [{ key: 'stage', value: 'local' }];
    const { stateMachineArn } = await engine.client.send(
      new CreateStateMachineCommand({ name: 'tagged', definition: passing, roleArn, tags }),
    );
    const listed = await engine.client.send(new ListTagsForResourceCommand({ resourceArn: stateMachineArn }));
    expect(listed.tags).toEqual(tags);
  });

  it('aborts the open executions of a machine that is deleted', async () => {
    const arn = await create('deleted', waiting);
    const { executionArn = '' } = await start(arn);
    await engine.client.send(new DeleteStateMachineCommand({ stateMachineArn: arn }));
    expect((await ending(engine.client, executionArn)).status).toBe('ABORTED');
  });

  it('runs the new definition after an update, while open executions keep the old one', async () => {
    const stateMachineArn = await create('updated', waiting);
    const open = await start(stateMachineArn);
    const { revisionId } = await engine.client.send(
      new UpdateStateMachineCommand({ stateMachineArn, definition: passing }),
    );
    expect(revisionId).toMatch(/^[\da-f-]{36}$/);
    const { executionArn = '' } = await start(stateMachineArn);
    expect((await ending(engine.client, executionArn)).status).toBe('SUCCEEDED');
    const old = await engine.client.send(
      new DescribeStateMachineForExecutionCommand({ executionArn: open.executionArn }),
    );
    expect(old.definition).toBe(waiting);
  });

  it('refuses what it does not support instead of ignoring it', async () => {
    const express = new CreateStateMachineCommand({
      name: 'express',
      definition: passing,
      roleArn,
      type: 'EXPRESS',
    });
    expect(await errorName(engine.client.send(express))).toBe('StateMachineTypeNotSupported');
    const published = new CreateStateMachineCommand({
      name: 'published',
      definition: passing,
      roleArn,
      publish: true,
    });
    expect(await errorName(engine.client.send(published))).toBe('ValidationException');
    const activity = new CreateActivityCommand({ name: 'activity' });
    expect(await errorName(engine.client.send(activity))).toBe('UnknownOperationException');
  });

  it('keeps the tags of a machine, adds and removes some, and refuses more than fifty', async () => {
    const tags = [
      { key: 'team', value: 'mail' },
      { key: 'stage', value: 'test' },
    ];
    const created = new CreateStateMachineCommand({ name: 'tagged', definition: passing, roleArn, tags });
    const { stateMachineArn: resourceArn } = await engine.client.send(created);
    const listed = async () =>
      (await engine.client.send(new ListTagsForResourceCommand({ resourceArn }))).tags;
    const added = [
      { key: 'stage', value: 'live' },
      { key: 'cost', value: '7' },
    ];
    await engine.client.send(new TagResourceCommand({ resourceArn, tags: added }));
    await engine.client.send(new UntagResourceCommand({ resourceArn, tagKeys: ['team', 'none'] }));
    expect(await listed()).toEqual(added);
    const many = Array.from({ length: 49 }, (_, index) => ({ key: `k${index}`, value: '' }));
    const tooMany = new TagResourceCommand({ resourceArn, tags: many });
    expect(await errorName(engine.client.send(tooMany))).toBe('TooManyTags');
    const unknown = new TagResourceCommand({ resourceArn: `${resourceArn}x`, tags: [] });
    expect(await errorName(engine.client.send(unknown))).toBe('ResourceNotFound');
  });

  it('gives an open execution again for the same name and input, and else says that the name is taken', async () => {
    const arn = await create('names', waiting);
    const first = await start(arn, 'one', '{"a":1}');
    const again = await start(arn, 'one', '{"a":1}');
    expect([again.executionArn, again.startDate]).toEqual([first.executionArn, first.startDate]);
    expect(await errorName(start(arn, 'one', '{"a":2}'))).toBe('ExecutionAlreadyExists');
    await engine.client.send(new StopExecutionCommand({ executionArn: first.executionArn }));
    expect(await errorName(start(arn, 'one', '{"a":1}'))).toBe('ExecutionAlreadyExists');
    expect(await errorName(start(arn, 'not this', '{}'))).toBe('InvalidName');
  });

  it.each([
    ['InvalidExecutionInput', 'not json'],
    ['ValidationException', JSON.stringify('x'.repeat(262_144))],
  ])('answers %s to an input that it does not take', async (name, input) => {
    const arn = await create('inputs', passing);
    expect(await errorName(start(arn, undefined, input))).toBe(name);
  });

  it('answers that machines and executions do not exist, and that ARNs are none', async () => {
    const arn = 'arn:aws:states:us-east-1:000000000000:stateMachine:none';
    expect(await errorName(start(arn))).toBe('StateMachineDoesNotExist');
    expect(await errorName(start('none'))).toBe('InvalidArn');
    const executionArn = 'arn:aws:states:us-east-1:000000000000:execution:none:one';
    const describing = engine.client.send(new DescribeExecutionCommand({ executionArn }));
    expect(await errorName(describing)).toBe('ExecutionDoesNotExist');
    expect(await errorName(engine.client.send(new ListExecutionsCommand({ stateMachineArn: arn })))).toBe(
      'StateMachineDoesNotExist',
    );
  });

  it('stops an execution with error and cause while its function goes on running', async () => {
    const stateMachineArn = await create('stopped', machine({ A: invoke('slow', {}) }));
    const { executionArn = '' } = await start(stateMachineArn);
    const stopped = await engine.client.send(
      new StopExecutionCommand({ executionArn, error: 'Why', cause: 'because' }),
    );
    const { status, error, cause } = await ending(engine.client, executionArn);
    expect([status, error, cause]).toEqual(['ABORTED', 'Why', 'because']);
    expect((await engine.eventTypes(executionArn)).at(-1)).toBe('ExecutionAborted');
    const again = await engine.client.send(new StopExecutionCommand({ executionArn, error: 'Other' }));
    expect(again.stopDate).toEqual(stopped.stopDate);
    await expect.poll(() => finishedCalls).toEqual(['finished']);
    expect((await ending(engine.client, executionArn)).error).toBe('Why');
  });

  it('lists executions newest first, by status, in pages that new executions do not move', async () => {
    const stateMachineArn = await create('listed', waiting);
    for (const name of ['one', 'two', 'three']) await start(stateMachineArn, name);
    const executionArn = 'arn:aws:states:us-east-1:000000000000:execution:listed:two';
    await engine.client.send(new StopExecutionCommand({ executionArn }));
    const list = async (more: object) => {
      const page = await engine.client.send(new ListExecutionsCommand({ stateMachineArn, ...more }));
      return { names: page.executions?.map(({ name }) => name), nextToken: page.nextToken };
    };
    expect((await list({ statusFilter: 'RUNNING' })).names).toEqual(['three', 'one']);
    expect((await list({ statusFilter: 'ABORTED' })).names).toEqual(['two']);
    const first = await list({ maxResults: 2 });
    expect(first.names).toEqual(['three', 'two']);
    await start(stateMachineArn, 'four');
    const second = await list({ maxResults: 2, nextToken: first.nextToken });
    expect(second).toEqual({ names: ['one'], nextToken: undefined });
    expect(await errorName(list({ nextToken: 'nonsense' }))).toBe('InvalidToken');
  });

  it('pages the history in both directions and leaves data out when asked to', async () => {
    const { executionArn } = await engine.run(
      { A: { Type: 'Pass', Output: { secret: 1 }, End: true } },
      { secret: 2 },
    );
    const history = async (more: object) => {
      const page = await engine.client.send(new GetExecutionHistoryCommand({ executionArn, ...more }));
      return { ids: page.events?.map(({ id }) => id), nextToken: page.nextToken, events: page.events };
    };
    const first = await history({ maxResults: 3 });
    expect(first.ids).toEqual([1, 2, 3]);
    expect((await history({ maxResults: 3, nextToken: first.nextToken })).ids).toEqual([4]);
    const last = await history({ maxResults: 3, reverseOrder: true });
    expect(last.ids).toEqual([4, 3, 2]);
    expect((await history({ maxResults: 3, reverseOrder: true, nextToken: last.nextToken })).ids).toEqual([
      1,
    ]);
    expect((await history({ maxResults: 4 })).nextToken).toBeUndefined();
    const bare = await history({ includeExecutionData: false });
    expect(JSON.stringify(bare.events)).not.toContain('secret');
  });

  it('tells every change of status once, as EventBridge does', async () => {
    const stateMachineArn = await create('told', passing);
    const { executionArn = '' } = await start(stateMachineArn, 'one', '{"a": 1}');
    await ending(engine.client, executionArn);
    const told = changes.filter((change) => change.executionArn === executionArn);
    expect(told.map(({ status }) => status)).toEqual(['RUNNING', 'SUCCEEDED']);
    expect(told[0]).toMatchObject({
      name: 'one',
      stateMachineArn,
      input: '{"a": 1}',
      output: null,
      stopDate: null,
    });
    expect(told[1]).toMatchObject({ output: '{"a":1}', stopDate: expect.any(Number) });
  });

  it.each([
    ['{', 'AWSStepFunctions.ListStateMachines', 'SerializationException'],
    ['{}', 'AWSStepFunctions.Nothing', 'UnknownOperationException'],
    ['{}', 'Other.ListStateMachines', 'UnknownOperationException'],
    ['{"maxResults":"many"}', 'AWSStepFunctions.ListStateMachines', 'ValidationException'],
    ['{"surprise":1}', 'AWSStepFunctions.ListStateMachines', 'ValidationException'],
  ])('answers %s for %s with %s', async (body, target, type) => {
    const response = await fetch(engine.url, { method: 'POST', body, headers: { 'x-amz-target': target } });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ __type: type });
  });
});
