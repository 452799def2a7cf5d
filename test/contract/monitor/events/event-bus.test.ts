/** The event bus of EventBridge: what is put on it, and what becomes of entries that it refuses. */
import { expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { createSignedPost } from '../../../../src/aws/signed-post.ts';
import { putOnBus } from '../../../../src/monitor/events/event-bus.ts';
import { toCloudEvent } from '../../../../src/monitor/events/model/cloud-event.ts';
import { sha256 } from '../../../../src/runtime/clock-and-ids.ts';
import { json, type Script, startScriptedService } from '../../../system/scripted-service.ts';

const event = (service: string) =>
  toCloudEvent(
    {
      type: 'service.scaled',
      time: '2026-11-28T10:00:00.250Z',
      data: { service, from: 1, to: 2, by: 'policy' },
    },
    { stage: 'prod', hash: sha256 },
  );

/** What EventBridge is, as far as PutEvents goes (AWS: PutEvents, API reference). */
async function busThat(script: Script) {
  const service = await startScriptedService(script);
  onTestFinished(service.close);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const post = createSignedPost({
    service: 'events',
    region: 'eu-central-1',
    endpoint: service.url,
    credentials,
  });
  return { seen: service.seen, put: putOnBus.bind(undefined, { name: 'orchestrator-prod', post }) };
}

it('each event is an entry, of its type and with the whole CloudEvent in it, in a signed request', async () => {
  const headers: unknown[] = [];
  const { put, seen } = await busThat((_seen, response, request) => {
    headers.push(request.headers);
    json(response, { FailedEntryCount: 0, Entries: [{ EventId: 'one' }, { EventId: 'two' }] });
  });
  expect(await put([event('mail'), event('graph')])).toEqual([{ taken: true }, { taken: true }]);
  const { Entries } = z
    .object({ Entries: z.array(z.looseObject({ Detail: z.string() })) })
    .parse(seen[0]?.body);
  const [first] = Entries;
  expect(Entries).toHaveLength(2);
  expect(first).toEqual({
    EventBusName: 'orchestrator-prod',
    Source: 'orchestrator.prod',
    DetailType: 'service.scaled',
    Time: 1_795_860_000,
    Detail: expect.any(String),
  });
  expect(JSON.parse(first?.Detail ?? '')).toMatchObject({
    specversion: '1.0',
    type: 'service.scaled',
    subject: 'service/mail',
    data: { service: 'mail', from: 1, to: 2, by: 'policy' },
  });
  expect(headers).toMatchObject([
    {
      'x-amz-target': 'AWSEvents.PutEvents',
      'content-type': 'application/x-amz-json-1.1',
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=local\/\d{8}\/eu-central-1\/events\//,
      ),
    },
  ]);
});

it('an entry that is refused is sent again, and the others are not', async () => {
  const { put } = await busThat((_seen, response) =>
    json(response, {
      FailedEntryCount: 1,
      Entries: [
        { EventId: 'one' },
        { ErrorCode: 'ThrottlingException', ErrorMessage: 'Rate exceeded' },
        { EventId: 'three' },
      ],
    }),
  );
  expect(await put([event('mail'), event('graph'), event('web')])).toEqual([
    { taken: true },
    { taken: false, why: 'PutEvents refused it: ThrottlingException' },
    { taken: true },
  ]);
});

it.each([
  ['that fails', (response: Parameters<Script>[1]) => json(response, { __type: 'InternalException' }, 500)],
  ['that answers something else', (response: Parameters<Script>[1]) => json(response, { ok: true })],
  ['that answers fewer entries', (response: Parameters<Script>[1]) => json(response, { Entries: [] })],
])('of a bus %s nothing is taken', async (_what, answer) => {
  const { put } = await busThat((_seen, response) => answer(response));
  expect(await put([event('mail')])).toMatchObject([{ taken: false }]);
});
