/**
 * @module-tag long
 * Events over a crash: whatever ended is told, also when whoever recorded it, or whoever delivers it, dies in between.
 */
import { expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { closeExecution } from '../../src/executions/close-execution.ts';
import { startEventReceiver } from '../system/event-receiver.ts';
import { contextOf } from '../system/execution-contexts.ts';
import { holds, startHoldingService } from '../system/holding-service.ts';
import { createLocalProcess } from '../system/local-process.ts';
import { json, startScriptedService } from '../system/scripted-service.ts';
import { systemForTest } from '../system/system-for-test.ts';

const bound = 240_000;
const Started = z.object({ workflowId: z.string() });
const moment = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

it(
  'an end whose recorder dies before it has told it is told by the schedule, and by a retry before it goes on',
  async () => {
    const receiver = await startEventReceiver();
    onTestFinished(receiver.close);
    const service = await startHoldingService();
    onTestFinished(service.close);
    const { door, endpoints } = await systemForTest({});
    await door('register_service', { name: 'worker', transport: 'rest', url: service.url });
    await door('define_workflow', holds);
    await door('create_webhook', { url: receiver.url });
    const context = contextOf(endpoints);
    onTestFinished(() => context.close());
    const dying = {
      ...context,
      ends: {
        wanted: async () => true,
        tell: async () => {
          throw new Error('killed');
        },
      },
    };
    const endUntold = async (key: string): Promise<string> => {
      const { body } = await door('start_workflow', { workflow: 'holds', input: { key } });
      const { workflowId } = Started.parse(body);
      await service.isHeld(key);
      const execution = await context.executions.get(workflowId);
      if (!execution) throw new Error('it is not there');
      expect(await closeExecution(dying, execution, { status: 'TERMINATED' })).toBe(true);
      await context.stepFunctions.stop(execution.executionArn, {
        error: 'States.TaskFailed',
        cause: 'killed',
      });
      return workflowId;
    };
    const retried = await endUntold('retried');
    await door('retry_workflow', { workflowId: retried });
    await expect.poll(() => receiver.taken().map(({ subject }) => subject)).toEqual([`execution/${retried}`]);
    const found = await endUntold('found');
    await expect
      .poll(() => receiver.taken().map(({ subject }) => subject), { timeout: 40_000 })
      .toContain(`execution/${found}`);
  },
  bound,
);

it(
  'of executions that end around a kill -9 each end is told, and what was on its way is sent by the next one',
  async () => {
    let answering = false;
    const never = new Promise<never>(() => {});
    const receiver = await startEventReceiver(() => (answering ? { status: 200 } : never));
    onTestFinished(receiver.close);
    const worker = await startScriptedService((_seen, response) => json(response, {}));
    onTestFinished(worker.close);
    const local = await createLocalProcess({
      services: { worker: { transport: 'rest', url: worker.url } },
      workflows: [
        {
          name: 'works',
          steps: [{ id: 'work', call: { service: 'worker', request: { method: 'GET', path: '/' } } }],
        },
      ],
    });
    onTestFinished(() => local.close(), bound);
    let door = await local.start();
    await door('create_webhook', { url: receiver.url });
    const started = new Set<string>();
    for (const ms of [20, 60, 150]) {
      const starting = Promise.all(
        Array.from({ length: 40 }, async () => {
          const { body } = await door('start_workflow', { workflow: 'works', input: {} });
          started.add(Started.parse(body).workflowId);
        }),
      ).catch(() => undefined);
      const before = started.size;
      await expect.poll(() => started.size, { timeout: 30_000, interval: 5 }).toBeGreaterThan(before);
      await moment(ms + Math.random() * 60);
      await local.kill();
      await starting;
      door = await local.start();
    }
    answering = true;
    const untold = () => {
      const subjects = new Set(receiver.taken().map(({ subject }) => subject));
      return [...started].filter((id) => !subjects.has(`execution/${id}`));
    };
    await expect.poll(untold, { timeout: 180_000, interval: 500 }).toEqual([]);
    const ids = new Map(receiver.taken().map(({ subject, id }) => [subject, id]));
    expect(new Set(receiver.taken().map(({ id }) => id)).size).toBe(ids.size);
  },
  bound,
);
