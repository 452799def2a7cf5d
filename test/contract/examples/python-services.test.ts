/** The services on Python FastMCP and those in TypeScript keep one contract: a manifest may name either. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readTraining, textToClassify } from '../../../examples/email/classifier.ts';
import { openMailbox } from '../../../examples/email/mailbox.ts';
import { trainClassifier } from '../../../examples/email/text-classifier.ts';
import { present, type Skipped } from '../../system/on-demand.ts';
import { pythonServicesBoundMs } from '../../system/python-services.ts';
import { type EitherServices, kinds, startEither } from './either-services.ts';

const exampleMailbox = fileURLToPath(new URL('../../../examples/email/mailbox', import.meta.url));

const Emails = z.object({ emails: z.array(z.looseObject({ id: z.string() })) });

const addition = (id: string) => ({
  email: {
    id,
    threadId: 't1',
    from: { name: 'Ann', address: 'Ann@example.org' },
    to: [{ name: 'Bob', address: 'bob@example.net' }],
    subject: 'Hello',
    date: '2026-11-01T00:00:00.000Z',
    text: 'not kept',
  },
  classification: { category: 'personal', score: 0.7, reasons: ['…'] },
});

const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const lone = {
  jsonrpc: '2.0',
  id: 7,
  method: 'tools/call',
  params: { name: 'get_email', arguments: { id: 'lunch' } },
};

for (const { kind, tags } of kinds)
  describe(`the ${kind} services`, { tags: [...tags] }, () => {
    let folder: string;
    let found: EitherServices | Skipped;
    let services: EitherServices;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'either-services-'));
      found = await startEither(kind, folder);
    }, pythonServicesBoundMs);
    beforeEach((context) => {
      services = present(found, context);
    });
    afterAll(async () => {
      if (!('skipped' in found)) await found.stop();
      await rm(folder, { recursive: true });
    });
    const post = (body: string) => fetch(`${services.urls.gmail}/mcp`, { method: 'POST', headers, body });

    it('offer the same tools with input and output schemas, and emails as a resource', async () => {
      const { gmail, classifier, graph } = services.clients;
      const lists = await Promise.all([gmail, classifier, graph].map(({ client }) => client.listTools()));
      const tools = lists.flatMap((list) => list.tools);
      expect(
        tools.map(({ name, annotations, inputSchema, outputSchema }) => [
          name,
          annotations?.readOnlyHint,
          annotations?.idempotentHint ?? false,
          Object.keys(inputSchema.properties ?? {}),
          inputSchema.required ?? [],
          outputSchema?.required ?? [],
        ]),
      ).toEqual([
        ['fetch_emails', true, false, ['since', 'limit', 'cursor'], [], ['emails']],
        [
          'get_email',
          true,
          false,
          ['id'],
          ['id'],
          ['id', 'threadId', 'messageId', 'from', 'to', 'cc', 'subject', 'date', 'text', 'attachments'],
        ],
        ['classify_email', true, false, ['email'], ['email'], ['category', 'score', 'reasons']],
        [
          'add_to_graph',
          false,
          true,
          ['email', 'classification'],
          ['email', 'classification'],
          ['node_id', 'created'],
        ],
        ['query_graph', true, false, ['category', 'person', 'thread', 'limit'], [], ['nodes', 'edges']],
        ['remove_node', false, true, ['node_id'], ['node_id'], ['removed']],
      ]);
      const { resourceTemplates } = await gmail.client.listResourceTemplates();
      expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual(['email://{id}']);
    });

    it('get an email by its id, as structured content and as the same text', async () => {
      const answer = await services.clients.gmail.call('get_email', { id: 'abc123' });
      expect(answer.structured).toMatchObject({
        id: 'abc123',
        subject: 'Invoice 2026-1187 for October',
        from: { address: 'billing@hosting.example.com' },
        date: '2026-11-02T08:15:00.000Z',
        attachments: [{ filename: 'invoice-2026-1187.pdf', mimeType: 'application/pdf', size: 613 }],
      });
      expect(JSON.parse(answer.text)).toEqual(answer.structured);
    });

    it.each(['nope', '../mailbox/lunch', ''])('have no email %j, and the tool error names it', async (id) => {
      expect(await services.clients.gmail.call('get_email', { id })).toMatchObject({
        isError: true,
        text: `There is no email '${id}' in the mailbox`,
      });
    });

    it.each([
      ['2026-11-14', ['spam-miracle', 'newsletter-dev', 'postcard']],
      ['2026-11-16T00:00:00+01:00', ['newsletter-dev', 'postcard']],
      ['2026-11-16T00:00:00.123456789Z', ['newsletter-dev', 'postcard']],
      ['2027-01-01', []],
    ])('fetch the emails since %s, oldest first', async (since, ids) => {
      const answer = await services.clients.gmail.call('fetch_emails', { since });
      expect(Emails.parse(answer.structured).emails.map(({ id }) => id)).toEqual(ids);
    });

    it('read every email of the mailbox alike', async () => {
      const answer = await services.clients.gmail.call('fetch_emails', {});
      expect(answer.structured).toEqual({ emails: await openMailbox(exampleMailbox).list() });
    });

    it.each(['yesterday', '2026-02-30', '2026-11-14T00:00:00', '2026-11-14T00:00Z', 20261114])(
      'refuse %j as a since',
      async (since) => {
        expect((await services.clients.gmail.call('fetch_emails', { since })).isError).toBe(true);
      },
    );

    it('read an email as a resource, and refuse an unknown one', async () => {
      const { client } = services.clients.gmail;
      const [content] = (await client.readResource({ uri: 'email://garden-2' })).contents;
      expect(content).toMatchObject({ uri: 'email://garden-2', mimeType: 'application/json' });
      const text = content && 'text' in content ? content.text : '';
      expect(JSON.parse(text)).toMatchObject({ id: 'garden-2', threadId: 'garden-1@example.com' });
      await expect(client.readResource({ uri: 'email://nope' })).rejects.toThrow("no email 'nope'");
    });

    it('classify by content, and say which words decided', async () => {
      const email = { id: 'x', subject: 'Host down', text: 'Critical alert: probe failed', attachments: [] };
      const { structured } = await services.clients.classifier.call('classify_email', { email });
      expect(structured).toMatchObject({ category: 'alert', score: expect.any(Number) });
      expect(structured).toHaveProperty(
        'reasons.0',
        expect.stringMatching(/^"critical" is .* in alert as in/),
      );
      const nothing = await services.clients.classifier.call('classify_email', { email: { text: 'xyzzy' } });
      expect(nothing.structured).toEqual({
        category: 'personal',
        score: 0.1667,
        reasons: ['no word speaks for another category than personal'],
      });
    });

    it('come to the same category, score and reasons for every email of the mailbox', async () => {
      const classify = trainClassifier(await readTraining());
      for (const email of await openMailbox(exampleMailbox).list()) {
        const { structured } = await services.clients.classifier.call('classify_email', { email });
        expect(structured).toEqual(classify(textToClassify(email)));
      }
    });

    it.each([{}, { email: 'text' }, { email: { text: 5 } }, { email: { attachments: [{}] } }])(
      'refuse to classify %j',
      async (args) => {
        expect((await services.clients.classifier.call('classify_email', args)).isError).toBe(true);
      },
    );

    it('add an email once, also when asked at the same time, and say whether they did', async () => {
      const { graph } = services.clients;
      const add = () => graph.call('add_to_graph', addition('once'));
      const answers = await Promise.all(Array.from({ length: 6 }, add));
      expect(answers.filter(({ text }) => text.includes('"created":true'))).toHaveLength(1);
      expect((await add()).structured).toEqual({ node_id: 'email:once', created: false });
    });

    it('answer a repeat under the same idempotency key the same, after a restart and an undo too', async (context) => {
      const origin = { executionId: 'x1', idempotencyKey: 'k1' };
      const add = () => services.clients.graph.call('add_to_graph', addition('repeat'), origin);
      expect((await add()).structured).toEqual({ node_id: 'email:repeat', created: true });
      await services.stop();
      found = await startEither(kind, folder);
      services = present(found, context);
      expect((await add()).structured).toEqual({ node_id: 'email:repeat', created: true });
      await services.clients.graph.call('remove_node', { node_id: 'email:repeat' }, { executionId: 'x1' });
      expect((await add()).structured).toEqual({ node_id: 'email:repeat', created: true });
      const other = await services.clients.graph.call('add_to_graph', addition('repeat'), {
        idempotencyKey: 'k2',
      });
      expect(other.structured).toEqual({ node_id: 'email:repeat', created: true });
    }, 60_000);

    it('let an undo remove only what its execution created, and anybody remove anything', async () => {
      const { graph } = services.clients;
      await graph.call('add_to_graph', addition('undo'), { executionId: 'x1', idempotencyKey: 'k3' });
      const remove = (executionId?: string) =>
        graph.call('remove_node', { node_id: 'email:undo' }, executionId ? { executionId } : {});
      expect((await remove('x2')).structured).toEqual({
        removed: false,
        reason: 'Node email:undo was not created by this execution',
      });
      expect((await remove('x1')).structured).toEqual({ removed: true });
      expect((await remove()).structured).toEqual({ removed: false, reason: 'There is no node email:undo' });
      await graph.call('add_to_graph', addition('undo'), { executionId: 'x1' });
      expect((await remove()).structured).toEqual({ removed: true });
    });

    it('answer a question with the newest emails, their people and threads, and who created them', async () => {
      const { graph } = services.clients;
      const asked = {
        email: { ...addition('asked').email, threadId: 't9' },
        classification: { category: 'rare', score: 1 },
      };
      await graph.call('add_to_graph', asked, { executionId: 'x9' });
      const {
        email: { threadId: _, ...alone },
        classification,
      } = { ...asked };
      await graph.call('add_to_graph', {
        email: { ...alone, id: 'later', date: '2026-12-01' },
        classification,
      });
      const answer = await graph.call('query_graph', {
        category: 'rare',
        person: 'BOB@example.net',
        thread: 't9',
      });
      expect(answer.structured).toEqual({
        nodes: [
          {
            id: 'email:asked',
            kind: 'email',
            subject: 'Hello',
            date: '2026-11-01T00:00:00.000Z',
            category: 'rare',
            score: 1,
            createdBy: 'x9',
          },
          { id: 'person:ann@example.org', kind: 'person', name: 'Ann', address: 'ann@example.org' },
          { id: 'person:bob@example.net', kind: 'person', name: 'Bob', address: 'bob@example.net' },
          { id: 'thread:t9', kind: 'thread', subject: 'Hello' },
        ],
        edges: [
          { from: 'person:ann@example.org', to: 'email:asked', kind: 'sent' },
          { from: 'email:asked', to: 'person:bob@example.net', kind: 'received' },
          { from: 'email:asked', to: 'thread:t9', kind: 'part_of' },
        ],
      });
      const newest = await graph.call('query_graph', { category: 'rare', limit: 1 });
      expect(newest.structured).toMatchObject({
        nodes: [{ id: 'email:later' }, {}, {}, { id: 'thread:later' }],
      });
      expect((await graph.call('query_graph', { thread: '' })).structured).toEqual({ nodes: [], edges: [] });
    });

    it.each([
      ['add_to_graph', { ...addition('') }],
      ['add_to_graph', { ...addition('e'), classification: { category: 'spam', score: 2 } }],
      ['add_to_graph', { ...addition('e'), classification: { category: 'spam', score: '0.5' } }],
      ['query_graph', { limit: 0 }],
      ['remove_node', {}],
      ['no_such_tool', {}],
    ])('refuse %s with %j', async (tool, args) => {
      expect((await services.clients.graph.call(tool, args)).isError).toBe(true);
    });

    it('answer a lone tools/call without a session, as JSON', async () => {
      const response = await post(JSON.stringify(lone));
      expect(response.headers.get('content-type')).toContain('application/json');
      expect(response.headers.get('mcp-session-id')).toBeNull();
      expect(await response.json()).toMatchObject({ id: 7, result: { structuredContent: { id: 'lunch' } } });
    });

    it.each(['GET', 'DELETE'])('answer %s /mcp with 405 at once', async (method) => {
      const response = await fetch(`${services.urls.gmail}/mcp`, { method, headers });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    });

    it('answer broken JSON with a JSON-RPC parse error and go on', async () => {
      const broken = await post('{"jsonrpc":');
      expect([broken.status, await broken.json()]).toMatchObject([400, { error: { code: -32700 } }]);
      expect((await post(JSON.stringify(lone))).status).toBe(200);
    });

    it.each(['gmail', 'classifier', 'graph'] as const)('answer GET /health of %s', async (name) => {
      const response = await fetch(`${services.urls[name]}/health`);
      expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
    });
  });
