/** CloudFormation as the functions of custom resources see it: it asks, and takes one answer at a signed url. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import * as z from 'zod';

/** The answer of a custom resource (AWS: custom resource response objects). */
export const Answer = z.strictObject({
  Status: z.enum(['SUCCESS', 'FAILED']),
  Reason: z.string(),
  PhysicalResourceId: z.string(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
});
export type Answer = z.infer<typeof Answer>;

export interface Put {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
}

export interface Asking {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResourceProperties: object;
  readonly OldResourceProperties?: object;
  readonly PhysicalResourceId?: string;
}

/** What makes the url a secret. */
export const urlSignature = 'X-Amz-Signature=0123456789abcdef';
export const stackId = 'arn:aws:cloudformation:us-east-1:123456789012:stack/orchestrator-prod/1a2b3c';

export type CloudFormation = Awaited<ReturnType<typeof startCloudFormation>>;

export async function startCloudFormation() {
  const puts: Put[] = [];
  /** The status of the next answers; 200 after these. */
  const statuses: number[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const { method, url: path, headers } = request;
    puts.push({ method, path, contentType: headers['content-type'], body: Buffer.concat(chunks).toString() });
    response.writeHead(statuses.shift() ?? 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const event = (asking: Asking) => ({
    ...asking,
    ResponseURL: `http://127.0.0.1:${port}/answer?${urlSignature}`,
    StackId: stackId,
    RequestId: randomUUID(),
    ResourceType: 'Custom::Resource',
    LogicalResourceId: 'Resource',
  });
  return {
    puts,
    statuses,
    event,
    /** Asks a function once, and gives its answer. */
    async ask(handler: (event: unknown) => Promise<unknown>, asking: Asking): Promise<Answer> {
      await handler(event(asking));
      return Answer.parse(JSON.parse(puts.at(-1)?.body ?? ''));
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
