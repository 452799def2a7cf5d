/** An operation that changes something does nothing without its record, and is not undone by a record that fails after it. */
import { expect, it } from 'vitest';
import * as z from 'zod';
import { createAuditTrail } from '../../../src/audit/audit-trail.ts';
import { type AuditContext, executeAudited } from '../../../src/audit/execute-audited.ts';
import type { AuditEvent } from '../../../src/audit/model/audit-event.ts';
import type { AuditStore } from '../../../src/audit/store/audit-store.ts';
import { OrchestratorError } from '../../../src/base/errors.ts';
import { defineOperation } from '../../../src/operation/operation.ts';

const ignore = (): void => undefined;
const silentLog = { debug: ignore, info: ignore, warn: ignore, error: ignore };

type Failing = 'add' | 'end' | 'nothing';

function world(failing: Failing) {
  const added: AuditEvent[] = [];
  const ended: unknown[] = [];
  const done: string[] = [];
  const refuse = (): Promise<never> => Promise.reject(new Error('the table does not answer'));
  const store: AuditStore = {
    add: async (event) => {
      if (failing === 'add') return refuse();
      added.push(event);
      return { pk: 'DAY#2026-11-28', sk: String(event.sequence) };
    },
    end: async (key, end) => (failing === 'end' ? refuse() : void ended.push([key.sk, end])),
    list: refuse,
    missingOn: refuse,
  };
  const audit = createAuditTrail({
    store,
    clock: { now: () => Date.parse('2026-11-28T17:00:00.500Z') },
    newId: () => '0123456789abcdef',
    log: silentLog,
  });
  const operationOf = (id: string, readOnly: boolean) =>
    defineOperation({
      id,
      summary: id,
      input: z.strictObject({ service: z.string() }),
      output: z.object({ change: z.object({ changeId: z.string() }) }),
      errors: [],
      access: 'operator',
      http: { method: 'POST', path: `/${id}`, status: 200 },
      hints: { readOnly, destructive: false, idempotent: true },
      run: async (_context: AuditContext, { service }) => {
        if (service === 'gone') throw new OrchestratorError('service.not-found', 'There is no such service');
        done.push(id);
        return { change: { changeId: 'c1' } };
      },
    });
  const execute = (id: string, { service = 'mail', role = 'operator' as const, readOnly = false } = {}) =>
    executeAudited(
      operationOf(id, readOnly),
      { audit },
      {
        caller: { id: 'user:ann', role },
        surface: 'REST',
        input: { service },
      },
    );
  return { added, ended, done, execute };
}

it('does nothing where the record cannot be written', async () => {
  const { execute, done } = world('add');
  await expect(execute('stop_service')).rejects.toMatchObject({ code: 'audit.unavailable', status: 503 });
  expect(done).toEqual([]);
  await execute('start_workflow');
  await execute('get_service', { readOnly: true });
  expect(done).toEqual(['start_workflow', 'get_service']);
});

it('answers as ever where the end cannot be recorded', async () => {
  const { execute, added, done } = world('end');
  expect(await execute('stop_service')).toEqual({ status: 200, output: { change: { changeId: 'c1' } } });
  await expect(execute('stop_service', { service: 'gone' })).rejects.toMatchObject({
    code: 'service.not-found',
  });
  expect(done).toEqual(['stop_service']);
  expect(added.map(({ outcome }) => outcome)).toEqual(['asked', 'asked']);
});

it('numbers the records of a writer, and tells each its end', async () => {
  const { execute, added, ended } = world('nothing');
  await execute('stop_service');
  await expect(execute('stop_service', { service: 'gone' })).rejects.toThrow();
  expect(added.map(({ writer, sequence, service }) => [writer, sequence, service])).toEqual([
    ['20261128T170000Z-01234567', 1, 'mail'],
    ['20261128T170000Z-01234567', 2, 'gone'],
  ]);
  expect(ended).toEqual([
    ['1', { outcome: 'done', made: 'c1', endedAt: '2026-11-28T17:00:00.500Z' }],
    ['2', { outcome: 'service.not-found', made: undefined, endedAt: '2026-11-28T17:00:00.500Z' }],
  ]);
});
