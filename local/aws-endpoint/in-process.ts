/** The requests of an SDK client, answered in this process: no socket, and nothing to sign. */
import { randomUUID } from 'node:crypto';
import { type Answer, type AnswerRequest, headersOf } from './answer.ts';

/** What of a request counts here. */
interface SentRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export type InProcessHandler = ReturnType<typeof inProcessHandler>;

/** For the `requestHandler` of a client. */
export function inProcessHandler(answerRequest: AnswerRequest) {
  return {
    async handle({ headers, body }: SentRequest) {
      const answer = answerRequest({ target: headers['x-amz-target'] ?? '', body: textOf(body) });
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

const responseOf = (answer: Answer) => ({
  statusCode: answer.status,
  headers: headersOf(answer, randomUUID()),
  body: new Uint8Array(Buffer.from(answer.body)),
});
