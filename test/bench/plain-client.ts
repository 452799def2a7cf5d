/** What a user has: an HTTP client that keeps its connections, and a clock. */
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface PlainClient {
  post(url: string, body: object): Promise<string>;
  get(url: string): Promise<string>;
  close(): void;
}

/** Rejects for every answer but 2xx. */
export function createPlainClient(): PlainClient {
  const agent = new Agent({ keepAlive: true });
  return {
    post: (url, body) => send(agent, { url, method: 'POST', body: JSON.stringify(body) }),
    get: (url) => send(agent, { url, method: 'GET' }),
    close: () => agent.destroy(),
  };
}

interface Sent {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly body?: string;
}

function send(agent: Agent, { url, method, body }: Sent): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = {
      accept: 'application/json, text/event-stream',
      ...(body !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      }),
    };
    const sent = request(url, { method, agent, headers }, (response) => {
      text(response).then((answer) => {
        const status = response.statusCode ?? 0;
        if (status >= 200 && status < 300) resolve(answer);
        else reject(new Error(`${method} ${url} was answered ${status}: ${answer}`));
      }, reject);
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
