/**
 * Puts events on an EventBridge bus, ten at most in one request (AWS: PutEvents). A request may take some of them and refuse
 * others, which are sent again; an answer names the outcomes in the order of the entries.
 */
import * as z from 'zod';
import type { SignedPost } from '../../aws/signed-post.ts';
import type { CloudEvent } from './model/cloud-event.ts';
import type { Outcome } from './post-event.ts';

const Answer = z.object({
  Entries: z.array(z.object({ EventId: z.string().optional(), ErrorCode: z.string().optional() })),
});

export const mostEntries = 10;

export interface EventBus {
  readonly name: string;
  readonly post: SignedPost;
}

/** An outcome for each event; never rejects over what EventBridge does. */
export async function putOnBus({ name, post }: EventBus, events: readonly CloudEvent[]): Promise<Outcome[]> {
  try {
    const answer = await post('AWSEvents.PutEvents', {
      Entries: events.map((event) => ({
        EventBusName: name,
        Source: event.source.slice(1).replace('/', '.'),
        DetailType: event.type,
        Time: Math.floor(Date.parse(event.time) / 1000),
        Detail: JSON.stringify(event),
      })),
    });
    const { Entries: entries } = Answer.parse(JSON.parse(answer));
    return events.map((_event, index) => outcomeOf(entries[index]));
  } catch (error) {
    const why = `PutEvents failed: ${error instanceof Error ? error.message : 'unknown'}`;
    return events.map(() => ({ taken: false, why }));
  }
}

function outcomeOf(entry: z.infer<typeof Answer>['Entries'][number] | undefined): Outcome {
  if (entry?.EventId !== undefined && entry.ErrorCode === undefined) return { taken: true };
  return { taken: false, why: `PutEvents refused it: ${entry?.ErrorCode ?? 'without a reason'}` };
}
