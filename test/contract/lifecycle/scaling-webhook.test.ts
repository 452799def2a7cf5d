/** The scaling webhook against a real HTTP server. */
import { expect, it, onTestFinished } from 'vitest';
import { createScalingWebhook } from '../../../src/lifecycle/drivers/webhook/scaling-webhook.ts';
import { json, startScriptedService } from '../../system/scripted-service.ts';
import { webhookOptions } from './webhook-receiver.ts';

const notice = {
  token: 'gmail.scale.7',
  service: 'gmail',
  instances: 3,
  before: 1,
  reason: '12 calls in flight, 4 for each instance',
};

async function toldWith(status: number) {
  const receiver = await startScriptedService((_seen, response) => json(response, {}, status));
  onTestFinished(receiver.close);
  const url = `${receiver.url}/scale`;
  return { ...receiver, url, told: createScalingWebhook({ ...webhookOptions(), url })(notice) };
}

it('tells how many instances a service is to have, and why', async () => {
  const { told, seen, url } = await toldWith(202);
  await told;
  expect(seen).toEqual([
    {
      path: '/scale',
      idempotencyKey: 'gmail.scale.7',
      body: { action: 'scale', ...notice, owner: 'dev', audience: url },
    },
  ]);
});

it('says when it was not taken', async () => {
  const { told } = await toldWith(500);
  await expect(told).rejects.toMatchObject({
    code: 'service.failed',
    message: 'The scaling webhook, told of service gmail, answered 500: {}',
  });
});

it('is signed as Standard Webhooks says', async () => {
  const headers: unknown[] = [];
  const receiver = await startScriptedService((_seen, response, request) => {
    const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = request.headers;
    headers.push({ id, at, signature });
    json(response, {});
  });
  onTestFinished(receiver.close);
  const options = { ...webhookOptions(), egress: { send: sendTo(receiver.url) } };
  await createScalingWebhook({ ...options, url: 'https://scaler.example/' })({
    ...notice,
    before: undefined,
  });
  expect(headers).toEqual([
    { id: 'gmail.scale.7', at: '1795000000', signature: 'v1,K+aPaf1IX6xY9dYKQ3LXECOskQQftlQIE/ViQFu6CIE=' },
  ]);
});

/** To a server of the test, whatever the url: what is signed holds the url, and a port would be another each time. */
function sendTo(url: string) {
  const { egress } = webhookOptions();
  return (request: Parameters<typeof egress.send>[0]) => egress.send({ ...request, url: new URL(url) });
}
