/** The gmail service: a mailbox of real messages as MCP tools and resources. It only reads. */
import { fileURLToPath } from 'node:url';
import { type McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import * as z from 'zod';
import { Email } from './email.ts';
import type { RunningService, ServiceOptions } from './http-service.ts';
import { type Mailbox, openMailbox } from './mailbox.ts';
import { startMcpService, ToolFault, toolHandler } from './mcp-service.ts';
import { mostOnPage, pageOf, usualPage } from './page.ts';
import { isProgram, readSharedEnvironment, runService } from './run-service.ts';

const FetchInput = z.object({
  since: z
    .union([z.iso.date(), z.iso.datetime({ offset: true })])
    .optional()
    .describe('ISO date or time; older emails are left out'),
  limit: z
    .int()
    .min(1)
    .max(mostOnPage)
    .optional()
    .describe(`Emails on a page, 1 to ${mostOnPage}, ${usualPage} when left out`),
  cursor: z.string().optional().describe('nextCursor of the page before; empty for the first page'),
});
const FetchOutput = z.object({
  emails: z.array(Email),
  nextCursor: z.string().optional().describe('The cursor of the next page; absent on the last one'),
});
const GetInput = z.object({ id: z.string() });

const annotations = { readOnlyHint: true, openWorldHint: false };
const template = new ResourceTemplate('email://{id}', { list: undefined });

export interface GmailOptions extends ServiceOptions {
  /** Folder of `.eml` files; default is the example mailbox. */
  readonly mailboxDir?: string | undefined;
}

export function startGmail({
  mailboxDir = exampleMailbox,
  ...options
}: GmailOptions): Promise<RunningService> {
  const register = gmailTools(openMailbox(mailboxDir), options.delayMs ?? 0);
  return startMcpService({ name: 'gmail', register }, options);
}

const exampleMailbox = fileURLToPath(new URL('./mailbox', import.meta.url));

function gmailTools(mailbox: Mailbox, delayMs: number): (server: McpServer) => void {
  const fetchEmails = toolHandler(delayMs, async ({ since, ...page }: z.infer<typeof FetchInput>) => {
    const found = pageOf(await mailbox.list(since), page);
    if (found === undefined) throw new ToolFault('The cursor is none that fetch_emails gave');
    return { ...found };
  });
  const getEmail = toolHandler(delayMs, ({ id }: z.infer<typeof GetInput>) => findEmail(mailbox, id));
  return (server) => {
    server.registerTool(
      'fetch_emails',
      {
        description: 'The emails of the mailbox, oldest first, a page at a time',
        inputSchema: FetchInput,
        outputSchema: FetchOutput,
        annotations,
      },
      fetchEmails,
    );
    server.registerTool(
      'get_email',
      { description: 'One email by its id', inputSchema: GetInput, outputSchema: Email, annotations },
      getEmail,
    );
    server.registerResource('email', template, { mimeType: 'application/json' }, (uri, { id }) =>
      readEmail(mailbox, uri, String(id)),
    );
  };
}

async function findEmail(mailbox: Mailbox, id: string): Promise<Email> {
  const email = await mailbox.get(id);
  if (email === undefined) throw new ToolFault(`There is no email '${id}' in the mailbox`);
  if (email.unreadable !== undefined)
    throw new ToolFault(`The email '${id}' cannot be read: ${email.unreadable}`);
  return email;
}

async function readEmail(mailbox: Mailbox, uri: URL, id: string) {
  const text = JSON.stringify(await findEmail(mailbox, decodeURIComponent(id)));
  return { contents: [{ uri: uri.href, mimeType: 'application/json', text }] };
}

if (isProgram(import.meta.url)) {
  await runService('gmail', async (env) =>
    startGmail({ ...readSharedEnvironment(env, 8001), mailboxDir: env.MAILBOX_DIR }),
  );
}
