/** What the stores of executions promise, held against real databases. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Table } from '../../../src/aws/table.ts';
import type { Attempt, StepRecord } from '../../../src/executions/model/execution.ts';
import { createExecutionLists } from '../../../src/executions/store/execution-lists.ts';
import { createExecutionStore } from '../../../src/executions/store/execution-store.ts';
import { createResultStore } from '../../../src/executions/store/result-store.ts';
import { createStepStore } from '../../../src/executions/store/step-store.ts';
import { databases } from '../../system/databases.ts';
import { withTables } from '../../system/store-tables.ts';
import { storedExecution } from '../../system/stored-execution.ts';

const closing = { status: 'CANCELLING', ending: 'CANCELLED', closingAt: '2026-11-20T10:00:01.000Z' } as const;
const end = {
  status: 'SUCCEEDED',
  closedAt: '2026-11-20T10:00:02.000Z',
  output: { node_id: 'n1' },
  expiresAtEpochSeconds: 1_900_000_000,
} as const;

const inTry = (id: string, redriveCount: number) => ({ id, redriveCount, labels: {} });
const firstTry = (id: string) => inTry(id, 0);

const trues = (answers: boolean[]): number => answers.filter((answer) => answer).length;

for (const { database, start, tags } of databases)
  describe(`on ${database}`, { tags: [...tags] }, () => {
    let table: Table;
    /** Undefined where the database cannot be had. */
    let executions: ReturnType<typeof createExecutionStore>;
    let lists: ReturnType<typeof createExecutionLists>;
    let steps: ReturnType<typeof createStepStore>;

    withTables(start, (tables) => {
      table = tables.executions;
      executions = createExecutionStore(table);
      lists = createExecutionLists(table);
      steps = createStepStore(table);
    });

    describe('an execution', () => {
      it('is created once, whoever comes at the same moment', async () => {
        const answers = await Promise.all(
          Array.from({ length: 8 }, (_, n) => executions.create(storedExecution('once', { version: n }))),
        );
        expect(trues(answers)).toBe(1);
        expect((await executions.get('once'))?.version).toBe(answers.indexOf(true));
      });

      it('is read back as it was created, and is not there before', async () => {
        expect(await executions.get('round')).toBeUndefined();
        await executions.create(storedExecution('round', { labels: { team: 'a' } }));
        expect(await executions.get('round')).toEqual(storedExecution('round', { labels: { team: 'a' } }));
      });

      it('keeps every JSON value, as deep and as large a number as there is', async () => {
        const deep = JSON.parse(`${'['.repeat(500)}"x"${']'.repeat(500)}`);
        const value = { deep, numbers: [2 ** 53, 9.2e18, 1e308, 5e-324], '': null, 'odd \ud800': [[], {}] };
        await executions.create(
          storedExecution('any', { input: value, labels: { constructor: 'a', toString: 'b' } }),
        );
        const read = await executions.get('any');
        expect(read?.input).toEqual(value);
        expect(Object.entries(read?.labels ?? {}).sort()).toEqual([
          ['constructor', 'a'],
          ['toString', 'b'],
        ]);
        await executions.markClosed(firstTry('any'), { ...end, output: value });
        expect((await executions.get('any'))?.output).toEqual(value);
      });

      it('begins to close once', async () => {
        await executions.create(storedExecution('closing'));
        const answers = await Promise.all([1, 2, 3].map(() => executions.beginClosing('closing', closing)));
        expect(trues(answers)).toBe(1);
        expect(await executions.get('closing')).toMatchObject({ stored: 'CANCELLING', ending: 'CANCELLED' });
      });

      it('closes once, and does not begin to close afterwards', async () => {
        await executions.create(storedExecution('closed'));
        expect(
          trues(await Promise.all([1, 2, 3].map(() => executions.markClosed(firstTry('closed'), end)))),
        ).toBe(1);
        expect(await executions.beginClosing('closed', closing)).toBe(false);
        expect(await executions.get('closed')).toMatchObject({
          stored: 'SUCCEEDED',
          output: { node_id: 'n1' },
        });
      });

      it('does not end by itself over a closing, and ends with it', async () => {
        await executions.create(storedExecution('cancelled'));
        await executions.beginClosing('cancelled', closing);
        expect(await executions.markClosed(firstTry('cancelled'), { ...end, unlessClosing: true })).toBe(
          false,
        );
        expect(await executions.markClosed(firstTry('cancelled'), { ...end, status: 'CANCELLED' })).toBe(
          true,
        );
        expect((await executions.get('cancelled'))?.stored).toBe('CANCELLED');
      });

      it('closes only in the try that was seen, and so it begins to', async () => {
        const failed = { status: 'FAILED', closedAt: end.closedAt, expiresAtEpochSeconds: 1 } as const;
        await executions.create(storedExecution('retried'));
        expect(await executions.markClosed(inTry('retried', 1), failed)).toBe(false);
        expect(await executions.markClosed(inTry('retried', 0), failed)).toBe(true);
        const seen = await executions.get('retried');
        if (!seen) throw new Error('no execution');
        expect(await executions.reopen(seen, { ...seen, stored: 'RUNNING', redriveCount: 1 })).toBe(true);
        expect(await executions.markClosed(inTry('retried', 0), failed)).toBe(false);
        expect(await executions.beginClosing('retried', { ...closing, redriveCount: 0 })).toBe(false);
        expect(await executions.get('retried')).toMatchObject({ stored: 'RUNNING', redriveCount: 1 });
        expect(await executions.beginClosing('retried', { ...closing, redriveCount: 1 })).toBe(true);
        expect(await executions.markClosed(inTry('retried', 1), end)).toBe(true);
      });

      it('that was recorded before there were retries closes', async () => {
        await executions.create(storedExecution('old'));
        await table.update({ pk: 'EXECUTION#old', sk: 'META' }, { remove: ['redriveCount'] });
        expect(await executions.get('old')).toMatchObject({ redriveCount: 0 });
        expect(await executions.markClosed(firstTry('old'), end)).toBe(true);
      });

      it('that is not recorded neither begins to close nor closes', async () => {
        expect(await executions.beginClosing('nobody', closing)).toBe(false);
        expect(await executions.markClosed(firstTry('nobody'), end)).toBe(false);
        expect(await executions.get('nobody')).toBeUndefined();
      });

      it('keeps an output too large for its own item', async () => {
        const output = { text: 'x'.repeat(240_000) };
        await executions.create(storedExecution('large', { input: { text: 'y'.repeat(190_000) } }));
        expect(await executions.markClosed(firstTry('large'), { ...end, output })).toBe(true);
        expect((await executions.get('large'))?.output).toEqual(output);
      });

      it('is open in the index until it closes', async () => {
        await executions.create(storedExecution('open', { startedAt: '2026-01-01T00:00:00.000Z' }));
        expect((await lists.open({ from: '0', before: '2026-01-02' }, 10)).map(({ id }) => id)).toEqual([
          'open',
        ]);
        await executions.markClosed(firstTry('open'), end);
        expect(await lists.open({ from: '0', before: '2026-01-02' }, 10)).toEqual([]);
      });
    });

    describe('a step', () => {
      const record = (executionId: string, changes: Partial<StepRecord> = {}) => ({
        executionId,
        occurrence: 'store',
        step: 'store',
        path: '',
        service: 'graph',
        tool: 'add',
        status: 'RUNNING' as const,
        ...changes,
      });
      const expiry = { expiresAtEpochSeconds: 1_900_000_000 };
      const call = { service: 'graph', tool: 'remove', arguments: {} };
      const only = async (id: string): Promise<StepRecord> => {
        const [step] = await steps.all(id);
        if (!step) throw new Error('no step');
        return step;
      };

      it('gathers its attempts, and an attempt takes the mark away', async () => {
        const startedAt = '2026-11-20T10:00:00.000Z';
        const marked = record('attempts', { runningSince: startedAt });
        await steps.mark({ record: marked, attempts: [], ...expiry }, undefined);
        expect((await only('attempts')).runningSince).toBe(startedAt);
        await steps.write({ record: record('attempts'), attempts: [{ startedAt }], ...expiry });
        const finished = record('attempts', { status: 'SUCCEEDED' });
        await steps.write({ record: finished, attempts: [{ startedAt, finishedAt: startedAt }], ...expiry });
        expect(await only('attempts')).toEqual({
          ...finished,
          attempts: [{ startedAt }, { startedAt, finishedAt: startedAt }],
        });
      });

      it('is marked by one of those who have read the same', async () => {
        const startedAt = '2026-11-20T10:00:00.000Z';
        const later = '2026-11-20T10:00:01.000Z';
        const mark = (runningSince: string, attempts: Attempt[] = []) => ({
          record: record('marked', { runningSince, effect: 'unknown' as const }),
          attempts,
          ...expiry,
        });
        const answers = [1, 2, 3, 4].map(() => steps.mark(mark(startedAt), undefined));
        expect(trues(await Promise.all(answers))).toBe(1);
        const seen = { status: 'RUNNING' as const, runningSince: startedAt, attempts: 0 };
        expect(await steps.mark(mark(later, [{ startedAt }]), { ...seen, attempts: 1 })).toBe(false);
        expect(await steps.mark(mark(later, [{ startedAt }]), seen)).toBe(true);
        expect(await steps.mark(mark(later, [{ startedAt }]), seen)).toBe(false);
        expect(await only('marked')).toMatchObject({ runningSince: later, attempts: [{ startedAt }] });
        await steps.write({ record: record('marked'), attempts: [{ startedAt: later }], ...expiry });
        const ended = await only('marked');
        expect(ended).not.toHaveProperty('effect');
        expect(await steps.mark(mark(later), { ...ended, attempts: 1 })).toBe(false);
        expect(await steps.mark(mark(later), { ...ended, attempts: 2 })).toBe(true);
      });

      it('is settled when it has no record or is under way, and not when it has finished', async () => {
        const settled = { record: record('settled', { status: 'IN_DOUBT' }), ...expiry };
        expect(await steps.settle(settled)).toBe(true);
        expect(await steps.settle({ record: record('settled', { status: 'FAILED' }), ...expiry })).toBe(
          false,
        );
        expect((await only('settled')).status).toBe('IN_DOUBT');
        await steps.mark({ record: record('running'), attempts: [], ...expiry }, undefined);
        expect(await steps.settle({ record: record('running', { status: 'CANCELLED' }), ...expiry })).toBe(
          true,
        );
      });

      it('has its undo claimed by one owner, who may take it up again', async () => {
        const undo = { status: 'PENDING' as const, call, attempts: 0 };
        await steps.write({ record: record('undo', { status: 'SUCCEEDED', undo }), attempts: [], ...expiry });
        const pending = await only('undo');
        const owners = ['a', 'b', 'c', 'd'];
        const answers = await Promise.all(owners.map((owner) => steps.claimUndo(pending, owner)));
        expect(trues(answers)).toBe(1);
        const claimed = await only('undo');
        const owner = owners[answers.indexOf(true)] ?? '';
        expect(claimed.undo).toMatchObject({ status: 'RUNNING', owner, attempts: 1 });
        expect(await steps.claimUndo(claimed, 'another')).toBe(false);
        expect(await steps.claimUndo(claimed, owner)).toBe(true);
        await steps.finishUndo(claimed, { status: 'SUCCEEDED', call, attempts: 2 });
        expect(await steps.claimUndo(await only('undo'), owner)).toBe(false);
      });

      it('is read together with its execution', async () => {
        await executions.create(storedExecution('both'));
        expect((await executions.getWithStep('both', 'store')).step).toBeUndefined();
        await steps.write({ record: record('both'), attempts: [], ...expiry });
        const { execution, step } = await executions.getWithStep('both', 'store');
        expect([execution?.id, step?.occurrence]).toEqual(['both', 'store']);
      });

      it('is read with all others, the execution and an output of its own item, and without large results', async () => {
        expect(await executions.getWithSteps('whole')).toBeUndefined();
        const output = { text: 'x'.repeat(240_000) };
        await executions.create(storedExecution('whole'));
        for (const occurrence of ['first', 'each/0/\u{10ffff}', 'zzz'])
          await steps.write({ record: { ...record('whole'), occurrence }, attempts: [], ...expiry });
        await createResultStore(table).put({
          executionId: 'whole',
          step: 'first',
          id: 'a',
          json: '{"n":1}',
          ...expiry,
        });
        await executions.markClosed(firstTry('whole'), { ...end, output });
        const found = await executions.getWithSteps('whole');
        expect(found?.execution).toEqual(await executions.get('whole'));
        expect(found?.execution.output).toEqual(output);
        expect(found?.steps.map(({ occurrence }) => occurrence)).toEqual([
          'each/0/\u{10ffff}',
          'first',
          'zzz',
        ]);
      });
    });

    describe('lists', () => {
      const range = { from: '2025-03-01T00:00:00.000Z', to: '2025-03-06T00:00:00.000Z' };
      const all = ['e7', 'e6', 'e5', 'e4', 'e3', 'e2', 'e1', 'e0'];

      beforeAll(async () => {
        if (executions === undefined) return;
        for (let n = 0; n < 8; n++) {
          await executions.create(
            storedExecution(`e${n}`, {
              workflow: n % 2 === 0 ? 'even' : 'odd',
              startedAt: `2025-03-0${1 + Math.floor(n / 2)}T1${n}:00:00.000Z`,
              labels: n < 3 ? { team: 'a' } : {},
            }),
          );
        }
        await executions.markClosed(firstTry('e5'), end);
        const failure = { code: 'service.timeout', message: 'gmail:\n  no answer', step: 'fetch' };
        const failed = { ...end, status: 'FAILED', output: undefined } as const;
        await executions.markClosed(
          { ...firstTry('e1'), labels: { team: 'a' } },
          { ...failed, error: failure },
        );
        await executions.markClosed(firstTry('e3'), {
          ...failed,
          error: { code: 'States.Timeout', message: 'x'.repeat(300) },
        });
      });

      async function pages(query: object, limit: number): Promise<string[][]> {
        const found: string[][] = [];
        let cursor: string | undefined;
        do {
          const page = await lists.list({ ...range, ...query, limit, cursor });
          found.push(page.executions.map(({ id }) => id));
          cursor = page.nextCursor;
        } while (cursor !== undefined && found.length < 20);
        return found;
      }

      it.each([1, 3, 8, 50])('page over the days, newest first, %i at a time', async (limit) => {
        const found = await pages({}, limit);
        expect(found.flat()).toEqual(all);
        expect(Math.max(...found.map((page) => page.length))).toBe(Math.min(limit, 8));
      });

      it('give a cursor only where something follows', async () => {
        expect(await pages({}, 4)).toEqual([all.slice(0, 4), all.slice(4)]);
        expect(await pages({ workflow: 'odd' }, 2)).toEqual([
          ['e7', 'e5'],
          ['e3', 'e1'],
        ]);
        expect(await pages({ label: { name: 'team', value: 'a' } }, 3)).toEqual([['e2', 'e1', 'e0']]);
        expect(await pages({ workflow: 'none' }, 3)).toEqual([[]]);
      });

      it('say in one line why an execution has failed, without another read, and leave its labels as they are', async () => {
        const { executions: failed } = await lists.list({ ...range, errorCode: 'service.timeout', limit: 5 });
        expect(failed).toMatchObject([
          {
            id: 'e1',
            labels: { team: 'a' },
            error: { code: 'service.timeout', message: 'gmail: no answer', step: 'fetch' },
          },
        ]);
        expect(Object.keys(failed[0]?.labels ?? {})).toEqual(['team']);
        expect((await executions.get('e1'))?.labels).toEqual({ team: 'a' });
        const [late] = (await lists.list({ ...range, errorCode: 'States.Timeout', limit: 5 })).executions;
        expect(late?.error?.message).toBe(`${'x'.repeat(199)}…`);
      });

      it('do not say it any more of one that goes on', async () => {
        await executions.create(storedExecution('goes-on', { startedAt: '2024-06-01T00:00:00.000Z' }));
        const error = { code: 'service.timeout', message: 'late' };
        await executions.markClosed(firstTry('goes-on'), {
          ...end,
          status: 'FAILED',
          output: undefined,
          error,
        });
        const seen = await executions.get('goes-on');
        if (!seen) throw new Error('no execution');
        await executions.reopen(seen, { ...seen, stored: 'RUNNING', redriveCount: 1 });
        const { executions: listed } = await lists.list({ from: '2024-06-01', to: '2024-06-02', limit: 5 });
        expect(listed).toMatchObject([{ id: 'goes-on', stored: 'RUNNING' }]);
        expect(listed[0]).not.toHaveProperty('error');
      });

      it('find few among many, and many empty days, in one page', async () => {
        const many = Array.from({ length: 400 }, (_, n) => `many-${n}`);
        for (const [n, id] of many.entries()) {
          const startedAt = new Date(Date.parse('2023-03-01T00:00:00.000Z') + n * 1000).toISOString();
          await executions.create(storedExecution(id, { workflow: 'many', startedAt }));
        }
        const error = { code: 'service.timeout', message: 'late' };
        for (const id of ['many-0', 'many-1', 'many-2'])
          await executions.markClosed(firstTry(id), { ...end, status: 'FAILED', output: undefined, error });
        const days = { from: '2023-02-28T00:00:00.000Z', to: '2023-05-28T00:00:00.000Z' };
        for (const query of [{ workflow: 'many' }, {}])
          expect(await pages({ ...days, ...query, errorCode: 'service.timeout' }, 2)).toEqual([
            ['many-2', 'many-1'],
            ['many-0'],
          ]);
      }, 60_000);

      it.each([
        ['workflow', { workflow: 'odd' }, ['e7', 'e5', 'e3', 'e1']],
        ['status', { status: 'SUCCEEDED' }, ['e5']],
        ['open status', { status: 'RUNNING' }, ['e7', 'e6', 'e4', 'e2', 'e0']],
        ['error code', { errorCode: 'service.timeout' }, ['e1']],
        ['label', { label: { name: 'team', value: 'a' } }, ['e2', 'e1', 'e0']],
        [
          'time, the end not included',
          { from: '2025-03-02T12:00:00.000Z', to: '2025-03-03T15:00:00.000Z' },
          ['e4', 'e3', 'e2'],
        ],
      ])('filter by %s', async (_name, query, expected) => {
        expect((await pages(query, 2)).flat()).toEqual(expected);
      });

      it('refuse a cursor that no list has given', async () => {
        const listing = lists.list({ ...range, limit: 2, cursor: 'nonsense' });
        await expect(listing).rejects.toMatchObject({
          code: 'request.invalid',
          errors: [{ path: 'cursor' }],
        });
      });
    });

    it('a read of many keys answers in the order of the keys, with gaps for what is missing', async () => {
      for (const sk of ['A', 'B', 'C']) await table.put({ pk: 'ORDER', sk });
      const keys = ['C', 'missing', 'A', 'B'].map((sk) => ({ pk: 'ORDER', sk }));
      const found = await table.getAll(keys);
      expect(found.map((item) => item?.['sk'])).toEqual(['C', undefined, 'A', 'B']);
    });
  });
