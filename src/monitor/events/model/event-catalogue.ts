/**
 * The closed catalogue of events: what is told to those outside, and the shape of what each one says. Nothing here holds an
 * input, an output, a message of a service or a secret: whoever needs those asks for them, and has to be allowed to.
 */
import * as z from 'zod';
import { InstanceHealth } from '../../../instances/model/instances.ts';
import { ServiceHealth } from '../../../instances/model/judged-service.ts';

const Time = z.string().describe('ISO time');
const Service = z.string().describe('Name of the service');

const EndedChange = z.strictObject({
  changeId: z.string().describe('`get_change` shows it'),
  kind: z.string().describe('What was asked for, such as `scale` or `restart`'),
  services: z.array(z.string()).describe('Every service that it acts on'),
  requestedBy: z.string(),
  requestedAt: Time,
  endedAt: Time,
});

export const eventShapes = {
  'execution.ended': z.strictObject({
    executionId: z.string().describe('`get_workflow_status` shows it'),
    workflow: z.string(),
    version: z.number().int(),
    status: z.enum(['SUCCEEDED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT']),
    startedAt: Time,
    endedAt: Time,
    retries: z.number().int().describe('How often it was retried before this end'),
    errorCode: z.string().optional().describe('Where it did not succeed'),
    failedStep: z.string().optional().describe('Where a step made it fail'),
  }),
  'change.ended': EndedChange.extend({ status: z.enum(['SUCCEEDED', 'CANCELLED']) }),
  'change.failed': EndedChange.extend({ status: z.literal('FAILED') }),
  'service.scaled': z.strictObject({
    service: Service,
    from: z.number().int().describe('Instances that were wanted before'),
    to: z.number().int().describe('Instances that are wanted now'),
    by: z.string().describe('Who asked, or `policy`'),
  }),
  'service.health-changed': z.strictObject({
    service: Service,
    from: ServiceHealth,
    to: ServiceHealth.describe('`get_service_health` says more of why'),
    because: z
      .array(z.string())
      .describe(
        'What is wrong: its instances with their health, and services that it needs; empty where nothing is',
      ),
  }),
  'instance.health-changed': z.strictObject({
    service: Service,
    instance: z.string(),
    from: InstanceHealth,
    to: InstanceHealth.describe('`get_health_history` says why'),
  }),
  'instance.quarantined': z.strictObject({
    service: Service,
    instance: z.string().describe('`get_instance` says why, `recover_instance` starts it again'),
  }),
} as const;

export type EventType = keyof typeof eventShapes;

const isEventType = (text: string): text is EventType => Object.hasOwn(eventShapes, text);

export const EventType = z.enum(Object.keys(eventShapes).filter(isEventType));

/** Something that has happened and is recorded; the same `time` whenever it is told. */
export type EventDraft = {
  [Type in EventType]: {
    readonly type: Type;
    /** ISO time with milliseconds, as recorded. */
    readonly time: string;
    readonly data: z.infer<(typeof eventShapes)[Type]>;
  };
}[EventType];

/** What an event is about: a filter of a subscription asks for that. */
export interface About {
  readonly services: readonly string[];
  readonly workflows: readonly string[];
}

export function aboutOf({ type, data }: EventDraft): About {
  if (type === 'execution.ended') return { services: [], workflows: [data.workflow] };
  if ('services' in data) return { services: data.services, workflows: [] };
  return { services: [data.service], workflows: [] };
}

/** Events of one subject are told in their order. */
export function subjectOf({ data }: EventDraft): string {
  if ('executionId' in data) return `execution/${data.executionId}`;
  if ('changeId' in data) return `change/${data.changeId}`;
  return 'instance' in data ? `instance/${data.service}/${data.instance}` : `service/${data.service}`;
}
