/**
 * The function that delivers events: as soon as one has been kept, and on its schedule those that are to be sent again. The
 * schedule also finds the ends of executions that a crash left untold.
 */
import * as z from 'zod';
import { tellUntoldEnds } from '../executions/ends-to-tell.ts';
import { listenerIn } from '../monitor/events/store/event-outbox.ts';
import { type BackgroundFunction, backgroundFunction } from './background-function.ts';
import type { DeliverConfig } from './config.ts';
import { createDeliverContext } from './contexts/deliver-events.ts';
import { createLog } from './log.ts';

/** What the stream of the table tells (AWS: DynamoDB event): new events of these listeners. Local mode names none: of any. */
const News = z
  .object({
    Records: z.array(
      z.object({ dynamodb: z.object({ Keys: z.object({ pk: z.object({ S: z.string() }) }) }) }),
    ),
  })
  .transform(({ Records }) => Records.map(({ dynamodb }) => listenerIn(dynamodb.Keys.pk.S)));

export function createDeliverEvents(config: DeliverConfig): BackgroundFunction<void> {
  const context = createDeliverContext(config, createLog('deliver-events', config));
  return backgroundFunction(async (event) => {
    const news = News.safeParse(event);
    if (news.success) return context.deliver(news.data);
    if (!(await context.anyListener())) return;
    await tellUntoldEnds(context);
    await context.deliver([]);
  }, context);
}
