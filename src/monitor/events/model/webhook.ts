/** Subscriptions: who is told of what. */
import * as z from 'zod';
import { Name, ServiceUrl } from '../../../registry/services/model/service-terms.ts';
import { type About, EventType } from './event-catalogue.ts';

export const WebhookId = z
  .string()
  .regex(/^[a-z0-9-]{1,40}$/, 'must be the id of a webhook, as create_webhook and list_webhooks give it');

const mostNames = 50;
const names = z.array(Name).min(1).max(mostNames);

/** What a subscription is asked for with. */
export const webhookFields = {
  url: ServiceUrl.describe('Who is told, by signed POST'),
  types: z
    .array(EventType)
    .min(1)
    .max(EventType.options.length)
    .optional()
    .describe('Types of events; all when left out'),
  services: names.optional().describe('Only events about these services, or about the workflows named'),
  workflows: names.optional().describe('Only events about these workflows, or about the services named'),
  description: z.string().min(1).max(200).optional().describe('What it is for'),
};

export const Webhook = z.object({
  id: z.string(),
  ...webhookFields,
  createdAt: z.string().describe('ISO time. It is told of what happens from then on'),
  createdBy: z.string(),
  disabled: z
    .object({ at: z.string(), why: z.string() })
    .optional()
    .describe('Since when it is told of nothing, and why; enable_webhook ends that'),
});
export type Webhook = z.infer<typeof Webhook>;

/** Who may be told besides the subscriptions: the configuration names them. */
export interface Listener extends Pick<Webhook, 'id' | 'types' | 'services' | 'workflows' | 'disabled'> {
  /** ISO time: nothing that happened before it is told. */
  readonly since: string;
}

export const monitoringId = 'monitoring-url';
export const eventBusId = 'event-bus';

export const listenerOf = ({ createdAt, ...webhook }: Webhook): Listener => ({
  ...webhook,
  since: createdAt,
});

/** Whether it is told of such events, whenever they happen. */
export function listensTo(
  { types, services, workflows, disabled }: Listener,
  type: EventType,
  about?: About,
): boolean {
  if (disabled !== undefined) return false;
  if (types !== undefined && !types.includes(type)) return false;
  if (about === undefined || (services === undefined && workflows === undefined)) return true;
  return (
    about.services.some((name) => services?.includes(name)) ||
    about.workflows.some((name) => workflows?.includes(name))
  );
}
