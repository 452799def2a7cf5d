/** The requests of an SDK client, answered in this process: no socket, and nothing to sign. */
import { randomUUID } from 'node:crypto';
import type { Database } from './database.ts';
import type { Answer } from './dispatch.ts';

/** What of a request counts here. */
interface SentRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** For the `requestHandler` of a client. */
export function inProcessHandler(database: Database) {
  return {
    async handle({ headers, body }: SentRequest) {
      const answer = database.answer({ target: headers['x-amz-target'] ?? '', body: textOf(body) });
      return { response: responseOf('status' in answer ? answer : await answer) };
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
    destroy() {},
  };
}

function textOf(body: unknown): string {
  if (typeof body === 'string') return body;
  if (!(body instanceof Uint8Array)) return '';
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
}

const responseOf = ({ status, body, errorType }: Answer) => ({
  statusCode: status,
  headers: {
    'content-type': 'application/x-amz-json-1.0',
    'x-amzn-requestid': randomUUID(),
    ...(errorType !== undefined && { 'x-amzn-errortype': errorType }),
  },
  body: new Uint8Array(Buffer.from(body)),
});
