/**
 * The function that delivers events: as soon as one has been kept, and on its schedule those that are to be sent again. The
 * schedule also finds the ends of executions that a crash left untold.
 */
import * as z from 'zod';
import { tellUntoldEnds } from '../executions/ends-to-tell.ts';
import { listenerIn } from '../monitor/events/store/event-outbox.ts';
import { type BackgroundFunction, unattendedFunction } from './background-function.ts';
import { cadenceOf } from './cadence.ts';
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

export interface DeliverEvents extends BackgroundFunction<void> {
  /** Cuts off what is under way, which is sent again by the next one, and returns when nothing is. */
  end(): Promise<void>;
}

export function createDeliverEvents(config: DeliverConfig): DeliverEvents {
  let ending = false;
  const context = createDeliverContext(config, createLog('deliver-events', config), () => ending);
  const underWay = new Set<Promise<void>>();
  const run = async (event: unknown): Promise<void> => {
    const news = News.safeParse(event);
    if (news.success) return context.deliver(news.data);
    if (await context.anyListener()) {
      await tellUntoldEnds(context);
      await context.deliver([]);
    }
    await context.sweepMarks.ran('deliver-events', cadenceOf('deliver-events', config));
  };
  const counted = async (event: unknown): Promise<void> => {
    if (ending) return;
    const running = run(event);
    underWay.add(running);
    return running.finally(() => underWay.delete(running));
  };
  return Object.assign(
    unattendedFunction((_, event) => counted(event), context),
    {
      async end() {
        ending = true;
        context.cutOff();
        await Promise.allSettled(underWay);
      },
    },
  );
}
