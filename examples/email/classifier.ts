/** The classifier service: says what kind of email it is, how sure that is, and why. It keeps nothing. */
import { readFile } from 'node:fs/promises';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { parse } from 'yaml';
import * as z from 'zod';
import type { RunningService, ServiceOptions } from './http-service.ts';
import { startMcpService, toolHandler } from './mcp-service.ts';
import { isProgram, readSharedEnvironment, runService } from './run-service.ts';
import { type Classify, trainClassifier } from './text-classifier.ts';

/** What the classifier looks at; all else of the email is ignored. */
const ReadableEmail = z.looseObject({
  subject: z.string().default(''),
  text: z.string().default(''),
  attachments: z.array(z.looseObject({ mimeType: z.string() })).default([]),
});
type ReadableEmail = z.infer<typeof ReadableEmail>;

const ClassifyInput = z.object({ email: ReadableEmail });
const ClassifyOutput = z.object({
  category: z.string(),
  score: z.number().min(0).max(1).describe('How sure the category is'),
  reasons: z.array(z.string()).describe('The words that decided, the strongest first'),
});

const TrainingFile = z.record(z.string(), z.array(z.string()));

const evidenceOf: Readonly<Record<string, string>> = {
  'text/calendar': 'calendar-file',
  'application/pdf': 'pdf-file',
  'text/csv': 'csv-file',
};

export async function startClassifier(options: ServiceOptions): Promise<RunningService> {
  const classify = trainClassifier(await readTraining());
  return startMcpService({ name: 'classifier', register: classifierTools(classify, options) }, options);
}

/** The phrases that come with the service. */
export async function readTraining(): Promise<Record<string, string[]>> {
  const text = await readFile(new URL('./training.yaml', import.meta.url), 'utf8');
  return TrainingFile.parse(parse(text));
}

/** The text that stands for an email: subject, body, and a word for each telling kind of attachment. */
export const textToClassify = ({ subject, text, attachments }: ReadableEmail): string =>
  [subject, text, ...attachments.map(({ mimeType }) => evidenceOf[mimeType] ?? '')].join('\n');

function classifierTools(classify: Classify, { delayMs = 0 }: ServiceOptions): (server: McpServer) => void {
  const classifyEmail = toolHandler(delayMs, ({ email }: z.infer<typeof ClassifyInput>) => ({
    ...classify(textToClassify(email)),
  }));
  return (server) => {
    server.registerTool(
      'classify_email',
      {
        description: 'The category of an email, with a score from 0 to 1 and the words that decided',
        inputSchema: ClassifyInput,
        outputSchema: ClassifyOutput,
        annotations: { readOnlyHint: true, openWorldHint: false },
      },
      classifyEmail,
    );
  };
}

if (isProgram(import.meta.url)) {
  await runService('classifier', async (env) => startClassifier(readSharedEnvironment(env, 8002)));
}
