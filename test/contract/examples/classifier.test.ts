import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startClassifier } from '../../../examples/email/classifier.ts';
import type { RunningService } from '../../../examples/email/http-service.ts';
import { connectTo, type TestClient } from './mcp-client.ts';

describe('classifier', () => {
  let service: RunningService;
  let classifier: TestClient;
  beforeAll(async () => {
    service = await startClassifier({ port: 0 });
    classifier = await connectTo(service.port);
  });
  afterAll(async () => {
    await classifier.close();
    await service.close();
  });

  it('says the category of an email, how sure it is, and which words decided', async () => {
    const email = {
      id: 'x',
      subject: 'Host down',
      text: 'Critical alert: probe failed',
      attachments: [],
    };
    const { structured } = await classifier.call('classify_email', { email });
    expect(structured).toMatchObject({ category: 'alert', score: expect.any(Number) });
    expect(structured).toHaveProperty('reasons.0', expect.stringMatching(/^"critical" is .* in alert as in/));
  });

  it('does not look at the id', async () => {
    const text = 'Unsubscribe from our newsletter at any time';
    const one = await classifier.call('classify_email', { email: { id: 'abc123', text } });
    const other = await classifier.call('classify_email', { email: { id: 'lunch', text } });
    expect(one.structured).toEqual(other.structured);
  });

  it('refuses a call without an email', async () => {
    expect((await classifier.call('classify_email', {})).isError).toBe(true);
  });
});
