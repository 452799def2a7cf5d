/**
 * Tells somebody else how many instances a service is to have, whenever that changes: for whoever scales by himself what is
 * registered here, such as an autoscaling group. It answers nothing that is acted on.
 */
import { httpFailure, isSuccess } from '../../../transport/http-failure.ts';
import { createWebhookSender, type WebhookOptions } from './webhook-sender.ts';

export interface ScalingWebhookOptions extends WebhookOptions {
  readonly url: string;
}

export interface ScalingNotice {
  /** Names this notice: the same when it is sent again. */
  readonly token: string;
  readonly service: string;
  /** How many it is to have. */
  readonly instances: number;
  /** How many it was to have before, when that is known. */
  readonly before?: number | undefined;
  readonly reason: string;
}

/** Returns when the receiver has taken it; throws the OrchestratorError of anything else. */
export type ScalingWebhook = (notice: ScalingNotice) => Promise<void>;

export function createScalingWebhook({ url, ...options }: ScalingWebhookOptions): ScalingWebhook {
  const send = createWebhookSender(options);
  return async (notice) => {
    const subject = `The scaling webhook, told of service ${notice.service},`;
    const content = { action: 'scale', ...notice };
    const response = await send({ url: new URL(url), subject, id: notice.token, content });
    if (!isSuccess(response)) throw httpFailure(response, subject);
  };
}
