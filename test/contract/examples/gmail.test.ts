import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { startGmail } from '../../../examples/email/gmail.ts';
import type { RunningService } from '../../../examples/email/http-service.ts';
import { connectTo, type TestClient } from './mcp-client.ts';

const Emails = z.object({ emails: z.array(z.object({ id: z.string(), date: z.string() })) });

describe('gmail', () => {
  let service: RunningService;
  let gmail: TestClient;
  beforeAll(async () => {
    service = await startGmail({ port: 0 });
    gmail = await connectTo(service.port);
  });
  afterAll(async () => {
    await gmail.close();
    await service.close();
  });

  it('offers two read-only tools with input and output schemas, and a resource template', async () => {
    const { tools } = await gmail.client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['fetch_emails', 'get_email']);
    expect(tools.every((tool) => tool.annotations?.readOnlyHint && tool.outputSchema)).toBe(true);
    expect(tools[1]?.inputSchema).toMatchObject({ properties: { id: { type: 'string' } }, required: ['id'] });
    const { resourceTemplates } = await gmail.client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual(['email://{id}']);
  });

  it('gets an email by its id, as structured content and as the same text', async () => {
    const answer = await gmail.call('get_email', { id: 'abc123' });
    expect(answer.structured).toMatchObject({
      id: 'abc123',
      subject: 'Invoice 2026-1187 for October',
      from: { address: 'billing@hosting.example.com' },
    });
    expect(JSON.parse(answer.text)).toEqual(answer.structured);
  });

  it('answers an unknown id with a tool error that names it', async () => {
    expect(await gmail.call('get_email', { id: 'nope' })).toMatchObject({
      isError: true,
      text: "There is no email 'nope' in the mailbox",
    });
  });

  it('fetches all emails, or those since a date', async () => {
    const all = Emails.parse((await gmail.call('fetch_emails', {})).structured);
    expect(all.emails).toHaveLength(15);
    const late = Emails.parse((await gmail.call('fetch_emails', { since: '2026-11-14' })).structured);
    expect(late.emails.map(({ id }) => id)).toEqual(['spam-miracle', 'newsletter-dev', 'postcard']);
  });

  it('refuses a since that is no date', async () => {
    expect((await gmail.call('fetch_emails', { since: 'yesterday' })).isError).toBe(true);
  });

  it('reads an email as a resource, and refuses an unknown one', async () => {
    const { contents } = await gmail.client.readResource({ uri: 'email://garden-2' });
    const [content] = contents;
    expect(content).toMatchObject({ uri: 'email://garden-2', mimeType: 'application/json' });
    const text = content && 'text' in content ? content.text : '';
    expect(JSON.parse(text)).toMatchObject({ id: 'garden-2', threadId: 'garden-1@example.com' });
    await expect(gmail.client.readResource({ uri: 'email://nope' })).rejects.toThrow("no email 'nope'");
  });

  it('tells what went wrong inside to its log alone', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const broken = await startGmail({ port: 0, mailboxDir: '/nowhere/at/all' });
    const client = await connectTo(broken.port);
    const answer = await client.call('fetch_emails', {});
    expect(answer).toMatchObject({
      isError: true,
      text: 'The tool failed inside the service; see its log',
    });
    expect(String(log.mock.calls[0]?.[0])).toContain('/nowhere/at/all');
    log.mockRestore();
    await client.close();
    await broken.close();
  });
});
