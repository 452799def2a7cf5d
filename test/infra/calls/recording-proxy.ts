/** Stands between one function and AWS: notes every call, and loses or holds those that a scenario names. */
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import * as z from 'zod';
import type { Call } from './permission.ts';

/** One request as the function sent it. */
export interface Request {
  readonly target: string;
  readonly body: unknown;
}

export interface ProxyOptions {
  /** Where a request belongs. */
  readonly upstream: (target: string) => string;
  readonly callsIn: (request: Request) => Call[];
}

/** A way in which calls go wrong, until it is over. */
export interface Trouble {
  /** Resolves with the first call that it meets. */
  readonly met: Promise<void>;
  over(): void;
}

interface Watched {
  readonly action: string;
  /** Only of calls that hold this text. */
  readonly about: string;
  readonly meet: () => Promise<'lost' | 'passed'>;
}

const Address = z.object({ port: z.number() });

export class RecordingProxy {
  readonly calls: Call[] = [];
  readonly #options: ProxyOptions;
  readonly #troubles = new Set<Watched>();
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch((error: unknown) => {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ __type: 'ProxyFailed', message: String(error) }));
    });
  });

  constructor(options: ProxyOptions) {
    this.#options = options;
  }

  /** Gives its url. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${Address.parse(this.#server.address()).port}`;
  }

  /** Calls of this action that hold the text are answered with a fault of the server, and never arrive. */
  lose(action: string, about = ''): Trouble {
    return this.#watch({ action, about }, async () => 'lost');
  }

  /** Calls of this action arrive when it is over, and not before. */
  hold(action: string): Trouble {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const trouble = this.#watch({ action, about: '' }, async () => {
      await released;
      return 'passed';
    });
    return {
      met: trouble.met,
      over() {
        trouble.over();
        release();
      },
    };
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #watch(watching: Omit<Watched, 'meet'>, then: Watched['meet']): Trouble {
    let meet = (): void => {};
    const met = new Promise<void>((resolve) => {
      meet = resolve;
    });
    const watched: Watched = {
      ...watching,
      meet: () => {
        meet();
        return then();
      },
    };
    this.#troubles.add(watched);
    return { met, over: () => void this.#troubles.delete(watched) };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const content = Buffer.concat(chunks);
    const target = String(request.headers['x-amz-target']);
    const calls = this.#options.callsIn({ target, body: JSON.parse(content.toString()) });
    this.calls.push(...calls);
    for (const { action, about, meet } of this.#troubles) {
      const isMeant = calls.some((call) => call.action === action) && content.includes(about);
      if (!isMeant || (await meet()) === 'passed') continue;
      response.writeHead(500, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ __type: 'InternalServerError' }));
      return;
    }
    await pass(request, { content, to: this.#options.upstream(target), response });
  }
}

function pass(
  { method, url, headers }: IncomingMessage,
  { content, to, response }: { content: Buffer; to: string; response: ServerResponse },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const passed = send(new URL(url ?? '/', to), { method, headers }, (answer) => {
      // An SDK whose clock is far from that of the answers repeats calls; the scenarios let time pass.
      const date = new Date(Date.now()).toUTCString();
      response.writeHead(answer.statusCode ?? 502, { ...answer.headers, date });
      answer.pipe(response).on('finish', resolve).on('error', reject);
    });
    passed.on('error', reject);
    passed.end(content);
  });
}
