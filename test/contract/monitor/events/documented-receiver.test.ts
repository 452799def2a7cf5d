/** The receiver of docs/events.md, run as it stands there; and what else the guide says. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { toCloudEvent } from '../../../../src/monitor/events/model/cloud-event.ts';
import { eventShapes } from '../../../../src/monitor/events/model/event-catalogue.ts';
import { postEvent } from '../../../../src/monitor/events/post-event.ts';
import { sha256, systemClock } from '../../../../src/runtime/clock-and-ids.ts';
import { createEgress } from '../../../../src/transport/egress.ts';
import { type DocumentedProgram, startDocumentedProgram } from '../../../system/documented-program.ts';
import { freePort } from '../../../system/free-port.ts';

const secret = `whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}`;
const other = `whsec_${Buffer.from('another-secret-of-24-byte').toString('base64')}`;

let url: string;
let receiver: DocumentedProgram;

beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}/`;
  const program = { guide: 'events.md', heading: '## A receiver' };
  const env = { PORT: String(port), WEBHOOK_SECRET: secret, WEBHOOK_URL: url };
  receiver = await startDocumentedProgram(program, env);
  const answers = () =>
    fetch(url, { method: 'POST' }).then(
      ({ status }) => status,
      () => 0,
    );
  await vi.waitFor(async () => expect(await answers()).toBe(401), { timeout: 15_000 });
});

afterAll(() => receiver.stop());

const event = toCloudEvent(
  {
    type: 'service.scaled',
    time: '2026-11-28T10:00:00.250Z',
    data: { service: 'mail', from: 1, to: 2, by: 'policy' },
  },
  { stage: 'prod', hash: sha256 },
);

describe('the receiver that is documented', () => {
  const post = (target: string, key: string, now = systemClock.now) => {
    const egress = createEgress({ policy: { allowedNetworks: ['127.0.0.0/8'] } });
    onTestFinished(() => egress.close());
    return postEvent({ egress, clock: { now } }, { url: target, secret: key }, event);
  };

  it('takes an event that comes twice, and writes it once', async () => {
    expect(await post(url, secret)).toEqual({ taken: true });
    expect(await post(url, secret)).toEqual({ taken: true });
    await expect.poll(() => receiver.output()).toBe(`${JSON.stringify(event)}\n`);
  });

  it('refuses what another secret signed, what is old, and what was sent to another url', async () => {
    expect(await post(url, other)).toMatchObject({ taken: false, why: 'answered 401' });
    const old = () => systemClock.now() - 301_000;
    expect(await post(url, secret, old)).toMatchObject({ taken: false, why: 'answered 401' });
    expect(await post(`${url}elsewhere`, secret)).toMatchObject({ taken: false, why: 'answered 403' });
  });
});

it('the guide has a row for each type of events, with every field of its data', async () => {
  const guide = await readFile(new URL('../../../../docs/events.md', import.meta.url), 'utf8');
  const rows = [...guide.matchAll(/^\| `([a-z-]+\.[a-z-]+)` \|.*\|(.*)\|$/gm)];
  const documented = new Map(rows.map(([, type = '', data = '']) => [type, data]));
  expect([...documented.keys()].sort()).toEqual(Object.keys(eventShapes).sort());
  for (const [type, { shape }] of Object.entries(eventShapes)) {
    if (type === 'change.failed') continue;
    for (const field of Object.keys(shape)) expect(documented.get(type), type).toContain(`\`${field}\``);
  }
});
