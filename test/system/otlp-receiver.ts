/** A collector: takes spans by OTLP over HTTP as JSON, and keeps them. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import * as z from 'zod';

const Value = z.object({
  stringValue: z.string().optional(),
  intValue: z.union([z.number(), z.string()]).optional(),
  doubleValue: z.number().optional(),
  boolValue: z.boolean().optional(),
});
const Attributes = z
  .array(z.object({ key: z.string(), value: Value }))
  .transform((entries) =>
    Object.fromEntries(
      entries.map(({ key, value }) => [key, Object.values(value).find((one) => one !== undefined)]),
    ),
  );
const Span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes: Attributes,
  status: z.object({ code: z.number().optional() }),
});
export type ReceivedSpan = z.infer<typeof Span>;
const Export = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: Attributes }),
      scopeSpans: z.array(z.object({ spans: z.array(Span) })),
    }),
  ),
});

export interface OtlpReceiver {
  readonly url: string;
  readonly spans: ReceivedSpan[];
  readonly requests: {
    readonly path: string;
    readonly headers: IncomingHttpHeaders;
    readonly text: string;
  }[];
  readonly resources: Record<string, unknown>[];
  close(): Promise<void>;
}

export async function startOtlpReceiver(status = 200): Promise<OtlpReceiver> {
  const receiver: Pick<OtlpReceiver, 'spans' | 'requests' | 'resources'> = {
    spans: [],
    requests: [],
    resources: [],
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const text = Buffer.concat(chunks).toString();
    receiver.requests.push({ path: request.url ?? '', headers: request.headers, text });
    for (const { resource, scopeSpans } of Export.parse(JSON.parse(text)).resourceSpans) {
      receiver.resources.push(resource.attributes);
      for (const { spans } of scopeSpans) receiver.spans.push(...spans);
    }
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    ...receiver,
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
