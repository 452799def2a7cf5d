/** Waiting for the end of an execution: what is looked at, how often, and that nothing is missed or left behind. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { awaitEnd } from '../../../src/executions/await-end.ts';
import type { StepRecord } from '../../../src/executions/model/execution.ts';
import { createExecutionNews, type ExecutionNews } from '../../../src/executions/news.ts';
import type { StoredExecution } from '../../../src/executions/store/execution-store.ts';
import { storedExecution } from '../../system/stored-execution.ts';

const start = Date.parse('2026-11-28T10:00:00.000Z');

const running = storedExecution('e1', {
  stored: 'RUNNING',
  input: {},
  startedAt: '2026-11-28T10:00:00.000Z',
});
const ended = { ...running, stored: 'SUCCEEDED' as const, closedAt: '2026-11-28T10:00:01.000Z', output: 7 };
const asking: StepRecord = {
  executionId: 'e1',
  occurrence: 'ok',
  step: 'ok',
  path: '',
  status: 'RUNNING',
  attempts: [],
  runningSince: '2026-11-28T10:00:00.500Z',
  approval: { message: 'Send it?' },
};

beforeEach(() => {
  vi.useFakeTimers({ now: start });
});
afterEach(() => {
  vi.useRealTimers();
});

/** What is stored, and how often it was read. */
function scene(news?: ExecutionNews) {
  const scene = {
    stored: running as StoredExecution | undefined,
    records: [] as StepRecord[],
    looks: 0,
    queries: 0,
    warnings: 0,
    /** Is done in the middle of the next read, after what it gives is known. */
    meanwhile: undefined as (() => void) | undefined,
    fails: false,
  };
  const context = {
    news,
    clock: { now: () => Date.now() },
    log: { warn: () => void scene.warnings++ },
    executions: {
      async get() {
        scene.looks += 1;
        if (scene.fails) throw new Error('throttled');
        const { stored, meanwhile } = scene;
        scene.meanwhile = undefined;
        meanwhile?.();
        return stored;
      },
    },
    steps: {
      async all() {
        scene.queries += 1;
        return scene.records;
      },
    },
  };
  const begin = (seconds: number, signal?: AbortSignal) => {
    const answer = awaitEnd(context, scene.stored ?? running, { until: Date.now() + seconds * 1000, signal });
    const took = answer.then(() => Date.now() - start);
    return { answer, took };
  };
  return { scene, begin };
}

describe('without news', () => {
  it('looks after 20, 40, 80, 160 and then every 250 ms: 104 times in 25 seconds', async () => {
    const { scene: at, begin } = scene();
    const { answer, took } = begin(25);
    const counts: number[] = [];
    for (const ms of [0, 20, 40, 80, 160, 250, 250]) {
      await vi.advanceTimersByTimeAsync(ms);
      counts.push(at.looks);
    }
    expect(counts).toEqual([1, 2, 3, 4, 5, 6, 7]);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await took).toBe(25_000);
    expect((await answer).execution.stored).toBe('RUNNING');
    expect(at).toMatchObject({ looks: 104, queries: 0 });
  });

  it('sees an end within a quarter of a second', async () => {
    const { scene: at, begin } = scene();
    const { answer, took } = begin(25);
    await vi.advanceTimersByTimeAsync(7_001);
    at.stored = ended;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await took).toBeLessThanOrEqual(7_251);
    expect(await answer).toEqual({ execution: ended, waitingFor: [] });
  });

  it('sees an end that comes just before the time is over', async () => {
    const { scene: at, begin } = scene();
    const { answer } = begin(1);
    await vi.advanceTimersByTimeAsync(999);
    at.stored = ended;
    await vi.advanceTimersByTimeAsync(1);
    expect((await answer).execution.output).toBe(7);
  });

  it('reads the steps of a workflow whose steps wait, and ends with the first that asks for a decision', async () => {
    const { scene: at, begin } = scene();
    at.stored = { ...running, awaits: true };
    at.records = [{ ...asking, approval: undefined, child: 'other' }];
    const { answer } = begin(25);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(at.queries).toBe(at.looks);
    at.records = [...at.records, asking];
    await vi.advanceTimersByTimeAsync(250);
    expect((await answer).waitingFor.map(({ kind }) => kind)).toEqual(['workflow', 'approval']);
  });

  it('waits on past a decision that nobody made in time', async () => {
    const { scene: at, begin } = scene();
    at.stored = { ...running, awaits: true };
    at.records = [{ ...asking, deadline: '2026-11-28T10:00:00.000Z' }];
    const { answer, took } = begin(2);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await took).toBe(2_000);
    expect((await answer).waitingFor).toEqual([]);
  });

  it('goes on when a read fails, and when the record is gone', async () => {
    const { scene: at, begin } = scene();
    at.fails = true;
    const { answer } = begin(25);
    await vi.advanceTimersByTimeAsync(100);
    at.fails = false;
    at.stored = undefined;
    await vi.advanceTimersByTimeAsync(30_000);
    expect((await answer).execution).toBe(running);
    expect(at.warnings).toBe(3);
  });
});

describe('with news', () => {
  it('looks when there is some, and otherwise every five seconds', async () => {
    const news = createExecutionNews();
    const { scene: at, begin } = scene(news);
    const { answer, took } = begin(25);
    await vi.advanceTimersByTimeAsync(12_000);
    expect(at.looks).toBe(3);
    at.stored = ended;
    news.tell('another');
    await vi.advanceTimersByTimeAsync(0);
    expect(at.looks).toBe(3);
    news.tell('e1');
    await vi.advanceTimersByTimeAsync(0);
    expect(await took).toBe(12_000);
    expect((await answer).execution).toBe(ended);
  });

  it('misses no end that is written while the record is read', async () => {
    const news = createExecutionNews();
    const { scene: at, begin } = scene(news);
    at.meanwhile = () => {
      at.stored = ended;
      news.tell('e1');
    };
    const { answer, took } = begin(25);
    await vi.advanceTimersByTimeAsync(0);
    expect(await took).toBe(0);
    expect((await answer).execution).toBe(ended);
  });

  it('tells all who wait, each once', async () => {
    const news = createExecutionNews();
    const { scene: at, begin } = scene(news);
    const waiting = Array.from({ length: 200 }, () => begin(25));
    await vi.advanceTimersByTimeAsync(100);
    expect(at.looks).toBe(200);
    at.stored = ended;
    news.tell('e1');
    await vi.advanceTimersByTimeAsync(0);
    expect(await Promise.all(waiting.map(({ took }) => took))).toEqual(Array(200).fill(100));
    expect(at.looks).toBe(400);
  });

  it('leaves no listener and no timer behind, however it ends', async () => {
    const news = createExecutionNews();
    const gone = new AbortController();
    const { scene: at, begin } = scene(news);
    const overtime = begin(1);
    await vi.advanceTimersByTimeAsync(1_000);
    await overtime.answer;
    const abandoned = begin(25, gone.signal);
    const patient = begin(25);
    await vi.advanceTimersByTimeAsync(10);
    expect(news.awaited()).toEqual(['e1']);
    gone.abort();
    await vi.advanceTimersByTimeAsync(0);
    expect(await abandoned.took).toBe(1_010);
    expect(news.awaited()).toEqual(['e1']);
    at.stored = ended;
    news.tell('e1');
    await vi.advanceTimersByTimeAsync(0);
    await patient.answer;
    expect(news.awaited()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

it('what has ended is not looked at again', async () => {
  const news = createExecutionNews();
  const { scene: at, begin } = scene(news);
  at.stored = ended;
  expect((await begin(25).answer).execution).toBe(ended);
  expect(at.looks).toBe(0);
  expect(news.awaited()).toEqual([]);
});

it('nobody waits whose caller has gone before', async () => {
  const { begin } = scene();
  expect((await begin(25, AbortSignal.abort()).answer).execution).toBe(running);
});
