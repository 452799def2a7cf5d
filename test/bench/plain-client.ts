/** What a user has: an HTTP client that keeps its connections, and a clock. */
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface PlainClient {
  post(url: string, body: object, headers?: Record<string, string>): Promise<string>;
  get(url: string): Promise<string>;
  /** A GET whose status is part of what is asked. */
  look(url: string): Promise<Answer>;
  close(): void;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Rejects for every answer but 2xx. */
export function createPlainClient(): PlainClient {
  const agent = new Agent({ keepAlive: true });
  const look = (url: string): Promise<Answer> => send(agent, { url, method: 'GET' });
  return {
    post: async (url, body, headers) =>
      bodyOf(url, await send(agent, { url, method: 'POST', body: JSON.stringify(body), headers })),
    get: async (url) => bodyOf(url, await look(url)),
    look,
    close: () => agent.destroy(),
  };
}

function bodyOf(url: string, { status, body }: Answer): string {
  if (status >= 200 && status < 300) return body;
  throw new Error(`${url} answered ${status}: ${body}`);
}

interface Sent {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly body?: string | undefined;
  readonly headers?: Record<string, string> | undefined;
}

function send(agent: Agent, { url, method, body, headers: others }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      accept: 'application/json, text/event-stream',
      ...(body !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      }),
      ...others,
    };
    const sent = request(url, { method, agent, headers }, (response) => {
      const status = response.statusCode ?? 0;
      text(response).then((answer) => resolve({ status, body: answer }), reject);
    });
    sent.once('error', (error) => {
      // A kept connection that the server closed meanwhile (Node: request.reusedSocket).
      if (sent.reusedSocket && isReset(error)) resolve(send(agent, { url, method, body, headers: others }));
      else reject(error);
    });
    sent.end(body);
  });
}

const isReset = (error: Error): boolean => 'code' in error && error.code === 'ECONNRESET';
