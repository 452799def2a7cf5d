/** Lists executions, newest first. */

import * as z from 'zod';
import { OrchestratorError } from '../../base/errors.ts';
import { defineOperation } from '../../operation/operation.ts';
import { Cursor, Limit, Moment, nextPage } from '../../operation/query.ts';
import { Name } from '../../registry/services/model/service-terms.ts';
import { ExecutionListed, executionToListed } from '../execution-shapes.ts';
import { ExecutionStatus } from '../model/execution.ts';
import type { ExecutionOperationContext } from './context.ts';

const dayMs = 86_400_000;

const ListWorkflowsInput = z.strictObject({
  workflow: Name.optional().describe('Only executions of this workflow'),
  status: ExecutionStatus.optional().describe('Only executions with this status'),
  errorCode: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9._-]{0,127}$/, 'must be the code of an error, such as service.timeout')
    .optional()
    .describe('Only executions that ended with this error, such as service.timeout or States.Timeout'),
  label: z
    .string()
    .regex(/^[A-Za-z0-9._/-]{1,63}=.{0,256}$/, 'must be written as name=value')
    .optional()
    .describe('Only executions with this label, written as name=value'),
  from: Moment.optional().describe('Started at this time or later; a date means its first moment in UTC'),
  to: Moment.optional().describe(
    'Started before this time; a date means its first moment in UTC, so that 2026-11-28 ends with the 27th',
  ),
  limit: Limit,
  cursor: Cursor,
});

export const listWorkflows = defineOperation({
  id: 'list_workflows',
  summary:
    'List executions, newest first, by workflow, status, error code, label or time, with why they failed. A page is short, or empty, only where it has looked through 100 days or 5,000 executions; nextCursor goes on',
  input: ListWorkflowsInput,
  output: z.object({ workflows: z.array(ExecutionListed), nextCursor: z.string().optional() }),
  errors: [],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/executions', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: ExecutionOperationContext, { from, to, label, ...query }) {
    const now = context.clock.now();
    const range = {
      from: isoOr(from, now - (context.retentionDays + 1) * dayMs),
      to: isoOr(to, now + dayMs),
    };
    if (range.from > range.to) throw emptyRange();
    const page = await context.executionLists.list({
      ...query,
      ...range,
      label: labelOf(label),
    });
    return { workflows: page.executions.map(executionToListed), ...nextPage(page.nextCursor) };
  },
});

const isoOr = (time: string | undefined, otherwise: number): string =>
  new Date(time ?? otherwise).toISOString();

function labelOf(text: string | undefined): { name: string; value: string } | undefined {
  if (text === undefined) return undefined;
  const at = text.indexOf('=');
  return { name: text.slice(0, at), value: text.slice(at + 1) };
}

function emptyRange(): OrchestratorError {
  const message = 'must not be later than to';
  return new OrchestratorError('request.invalid', `from: ${message}`, {
    errors: [{ path: 'from', message }],
  });
}
