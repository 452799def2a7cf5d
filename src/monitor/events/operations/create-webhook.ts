import * as z from 'zod';
import { isoNow } from '../../../base/clock.ts';
import { OrchestratorError } from '../../../base/errors.ts';
import { faultsText } from '../../../base/faults.ts';
import { defineOperation } from '../../../operation/operation.ts';
import { WebhookSecret } from '../../../transport/webhook-signature.ts';
import type { EventsOperationContext } from '../context.ts';
import { webhookFields } from '../model/webhook.ts';
import { ShownWebhook, webhookToShown } from '../webhook-shapes.ts';

const mostWebhooks = 50;

export const createWebhook = defineOperation({
  id: 'create_webhook',
  summary: 'Subscribe a url to events, which are sent to it as signed CloudEvents from then on',
  input: z.strictObject({
    ...webhookFields,
    secret: WebhookSecret.optional().describe(
      'What requests are signed with (Standard Webhooks); made and shown once when left out',
    ),
  }),
  output: ShownWebhook.extend({
    secret: z.string().optional().describe('Where it was made here: it is never shown again'),
  }),
  errors: ['webhook.too-many'],
  access: 'admin',
  http: { method: 'POST', path: '/v1/webhooks', status: 201 },
  hints: { readOnly: false, destructive: false, idempotent: false, openWorld: true },
  async run(context: EventsOperationContext, { secret, ...asked }, caller) {
    await requireReachable(context, asked.url);
    if ((await context.webhooks.all({ consistent: true })).length >= mostWebhooks)
      throw new OrchestratorError(
        'webhook.too-many',
        `There are ${mostWebhooks} webhooks, and no more are possible; delete_webhook removes one`,
      );
    const made = secret === undefined ? await context.newWebhookSecret() : undefined;
    const id = context.newId();
    const webhook = { ...asked, id, createdAt: isoNow(context.clock), createdBy: caller.id };
    if (!(await context.webhooks.create(webhook, secret ?? made ?? ''))) throw new Error('a new id is taken');
    context.eventNews?.tellWebhooksChanged();
    context.log.info('webhook created', { webhook: id, caller: caller.id });
    return { ...webhookToShown(webhook), ...(made !== undefined && { secret: made }) };
  },
});

/** Names are resolved again at each request, under the same rule. */
async function requireReachable({ refusedUrl }: EventsOperationContext, url: string): Promise<void> {
  const kind = await refusedUrl(url);
  if (kind === undefined) return;
  const errors = [
    {
      path: 'url',
      message: `leads to ${kind}, which is not called; EGRESS_ALLOWED_NETWORKS allows networks`,
    },
  ];
  throw new OrchestratorError('request.invalid', faultsText(errors), { errors });
}
