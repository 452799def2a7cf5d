import * as z from 'zod';
import { OrchestratorError } from '../../base/errors.ts';
import { defineOperation } from '../../operation/operation.ts';
import { Cursor, Limit, Moment, nextPage } from '../../operation/query.ts';
import type { AuditOperationContext } from '../context.ts';
import { AuditEvent, AuditOutcome } from '../model/audit-event.ts';
import { MissingRecords } from '../model/missing-records.ts';

const dayMs = 86_400_000;
const defaultDays = 30;

const filter = z.string().min(1).max(200).optional();

const ListedAuditEvent = AuditEvent.omit({ asked: true }).extend({
  asked: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('The input without payloads and secrets, long texts cut'),
});

export const listAuditEvents = defineOperation({
  id: 'list_audit_events',
  summary:
    'List who asked for what and what came of it, newest first, by caller, operation, what it was about, outcome or time. A page is short, or empty, only where it has looked through 100 days or 5,000 records; nextCursor goes on',
  input: z.strictObject({
    caller: filter.describe('Only what this caller asked for, such as user:ann'),
    operation: filter.describe('Only this operation, such as stop_service'),
    service: filter.describe('Only what names this service'),
    workflow: filter.describe('Only what names this workflow'),
    execution: filter.describe('Only what names this execution, by its workflowId'),
    outcome: AuditOutcome.optional(),
    from: Moment.optional().describe('At this time or later; the last 30 days when left out'),
    to: Moment.optional().describe('Before this time; a date means its first moment in UTC'),
    missingOn: z.iso
      .date()
      .optional()
      .describe('Say besides which records of this day (UTC) are missing, by the numbers of their writers'),
    limit: Limit,
    cursor: Cursor,
  }),
  output: z.object({
    events: z.array(ListedAuditEvent),
    nextCursor: z.string().optional(),
    missing: z
      .array(MissingRecords)
      .optional()
      .describe('With missingOn: records that could not be written, or are gone; or are just being written'),
    missingWhole: z
      .boolean()
      .optional()
      .describe('With missingOn: false where the day has more records than are read at once, 20 MB'),
  }),
  errors: [],
  access: 'admin',
  http: { method: 'GET', path: '/v1/audit-events', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run({ auditEvents, clock }: AuditOperationContext, { from, to, missingOn, ...query }) {
    const end = to === undefined ? clock.now() + dayMs : Date.parse(to);
    const range = {
      from: new Date(from ?? end - (defaultDays + 1) * dayMs).toISOString(),
      to: new Date(end).toISOString(),
    };
    if (range.from > range.to) throw emptyRange();
    const page = await auditEvents.list({ ...query, ...range });
    const found = missingOn === undefined ? undefined : await auditEvents.missingOn(missingOn);
    return {
      events: page.events.map(eventToListed),
      ...nextPage(page.nextCursor),
      ...(found && { missing: found.missing, missingWhole: found.whole }),
    };
  },
});

const Asked = z.record(z.string(), z.unknown());

const eventToListed = ({ asked, ...event }: AuditEvent): z.infer<typeof ListedAuditEvent> => ({
  ...event,
  ...(asked !== undefined && { asked: Asked.parse(JSON.parse(asked)) }),
});

function emptyRange(): OrchestratorError {
  const message = 'must not be later than to';
  return new OrchestratorError('request.invalid', `from: ${message}`, {
    errors: [{ path: 'from', message }],
  });
}
