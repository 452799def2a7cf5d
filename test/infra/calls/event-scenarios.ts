/** Somebody who is told of everything: what is taken, refused, given up, sent again, and told late. */
import * as z from 'zod';
import { letTimePass } from '../../system/passing-time.ts';
import { json, type ScriptedService, startScriptedService } from '../../system/scripted-service.ts';
import { eventually, type Scene } from './scene.ts';

export interface Listening {
  readonly receiver: ScriptedService;
  readonly webhookId: string;
  /** What it answers. */
  status: number;
}

/** From now on every function that tells of something has somebody to tell. */
export async function listen({ system }: Scene): Promise<Listening> {
  const receiver = await startScriptedService((_seen, response) => json(response, {}, listening.status));
  const { body } = await system.door('create_webhook', { url: receiver.url });
  const listening: Listening = { receiver, webhookId: z.string().parse(body['id']), status: 200 };
  return listening;
}

export async function events(scene: Scene, listening: Listening): Promise<void> {
  const { ask, start, ends, system } = scene;
  const { receiver, webhookId } = listening;
  const deliver = () => system.invoke('deliver-events', {});
  await ask('list_webhooks');
  await ask('get_webhook', { webhookId });
  await deliver();
  await eventually(() => receiver.seen.length > 0);
  await toldLate(scene, deliver);
  listening.status = 500;
  await ends(await start('plain'), 'SUCCEEDED');
  for (let attempt = 0; attempt < 5; attempt++) {
    await deliver();
    letTimePass(3_600_000);
  }
  await ask('list_undelivered_events', { webhookId });
  await ask('resend_events', { webhookId });
  listening.status = 410;
  await deliver();
  await ask('enable_webhook', { webhookId });
  await ask('delete_webhook', { webhookId });
  await receiver.close();
}

/** The end is recorded, and whoever recorded it dies before it is kept for those who want to know. */
async function toldLate({ system, start, ends }: Scene, deliver: () => Promise<unknown>): Promise<void> {
  // Its counts are written by PutItem too.
  const trouble = system.proxy('record-execution').lose('dynamodb:PutItem', 'EVENTS#');
  await ends(await start('plain'), 'SUCCEEDED');
  await trouble.met;
  trouble.over();
  letTimePass(61_000);
  await deliver();
}
