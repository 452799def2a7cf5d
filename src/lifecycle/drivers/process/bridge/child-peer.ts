/**
 * The one conversation with a child, over which the calls of many go at the same time: each has a number of its own
 * there, and its answer comes back under the id that it came with. The rest of a message passes as it was written.
 */
import { memberOf, withMember } from './json-text.ts';
import {
  codes,
  errorText,
  type Id,
  isObject,
  type Message,
  messageIn,
  noticeText,
  requestText,
  resultText,
} from './message.ts';

/** A call that got no answer from the child. */
export class NoAnswer extends Error {}

export interface ChildPeer {
  /** What the child said of itself when it was greeted. Rejects with `NoAnswer` when it ends before. */
  readonly greeted: Promise<Readonly<Record<string, unknown>>>;
  /**
   * The answer as JSON text. Rejects with `NoAnswer` when the child ends; when the signal aborts, the child is told and
   * the answer is waited for no longer.
   */
  ask(message: Message, signal: AbortSignal): Promise<string>;
  /** A line from the child. What is no message is said to the log. */
  heard(line: string): void;
  end(how: string): void;
}

interface Peer {
  send(line: string): void;
  /** To the log. */
  say(line: string): void;
}

interface Call {
  answered(message: Message): void;
  failed(error: Error): void;
}

/** The newest version of the protocol that has a handshake. A child that knows only earlier ones says so. */
export const protocolVersion = '2025-11-25';

const greeting = {
  protocolVersion,
  capabilities: {},
  clientInfo: { name: 'orchestrator-service', version: '1' },
};

export function createChildPeer({ send, say }: Peer): ChildPeer {
  const calls = new Map<number, Call>();
  let lastNumber = 0;
  let ended: NoAnswer | undefined;

  function call(textFor: (number: number) => string, signal?: AbortSignal): Promise<Message> {
    return new Promise((resolve, reject) => {
      if (ended !== undefined) return reject(ended);
      if (signal?.aborted) return reject(new NoAnswer('It was given up'));
      lastNumber += 1;
      const number = lastNumber;
      const settle = (act: () => void): void => {
        calls.delete(number);
        signal?.removeEventListener('abort', givenUp);
        act();
      };
      const givenUp = (): void => {
        send(noticeText('notifications/cancelled', { requestId: number, reason: 'Nobody waits for it' }));
        settle(() => reject(new NoAnswer('It was given up')));
      };
      calls.set(number, {
        answered: (message) => settle(() => resolve(message)),
        failed: (error) => settle(() => reject(error)),
      });
      signal?.addEventListener('abort', givenUp);
      send(textFor(number));
    });
  }

  async function greet(): Promise<Readonly<Record<string, unknown>>> {
    const { result, error } = await call((number) => requestText(number, 'initialize', greeting));
    if (!isObject(result)) throw new NoAnswer(`It refused to initialize: ${JSON.stringify(error)}`);
    send(noticeText('notifications/initialized'));
    return result;
  }

  /** It may ask for what we do not have: roots, samples, an answer of a person. */
  function asked(id: Id, method: string): void {
    if (method === 'ping') send(resultText(id, {}));
    else send(errorText(id, codes.methodNotFound, `Nobody offers ${method} here`));
  }

  const greeted = greet();
  greeted.catch(() => undefined);
  return {
    greeted,
    async ask({ text }, signal) {
      const oneLine = text.replace(/[\r\n]/g, ' ');
      const { text: answer } = await call((number) => withMember(oneLine, 'id', String(number)), signal);
      return withMember(answer, 'id', memberOf(text, 'id'));
    },
    heard(line) {
      const message = messageIn(line);
      if (message === undefined) return line.trim() === '' ? undefined : say(line);
      if (message.method !== undefined && message.id !== undefined) return asked(message.id, message.method);
      if (message.method === undefined) calls.get(Number(message.id))?.answered(message);
    },
    end(how) {
      ended = new NoAnswer(`The server ended ${how}`);
      for (const { failed } of [...calls.values()]) failed(ended);
    },
  };
}
