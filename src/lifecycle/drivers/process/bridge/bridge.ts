/** Makes a child that speaks MCP over stdio a service that is called over HTTP. It listens before the child runs. */
import type { Server } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import { type ChildPeer, createChildPeer } from './child-peer.ts';
import { createEndpoint } from './endpoint.ts';
import { lineReader } from './line-reader.ts';

interface ChildStreams {
  /** What the child reads. */
  readonly input: Writable;
  readonly output: Readable;
  /** Ends a child that cannot be talked to. */
  giveUp(): void;
}

export interface Bridge {
  readonly port: number;
  attach(child: ChildStreams): void;
  /** Answers what is under way with an error, and takes nothing more. */
  end(how: string): void;
}

export interface BridgeOptions {
  /** A free one when left out. */
  readonly port?: number | undefined;
  readonly path: string;
  /** To the log. */
  say(line: string): void;
}

/** Bytes of one message of the child; one that is longer is lost. */
const longestLine = 32 * 1_048_576;
/** Bytes that a child may leave unread. */
const mostUnread = 64 * 1_048_576;
/** How long a connection may wait for its next request, in milliseconds: longer than clients keep one. */
const keepAliveMs = 75_000;

export async function openBridge({ port = 0, path, say }: BridgeOptions): Promise<Bridge> {
  let attached = (_peer: ChildPeer): void => undefined;
  const peer = new Promise<ChildPeer>((resolve) => {
    attached = resolve;
  });
  const server = createEndpoint(path, () => peer);
  server.keepAliveTimeout = keepAliveMs;
  let ended = false;
  return {
    port: await listen(server, port),
    attach({ input, output, giveUp }) {
      const endFor = (reason: string): void => {
        if (ended) return;
        say(reason);
        giveUp();
      };
      const send = (line: string): void => {
        input.write(`${line}\n`);
        if (input.writableLength > mostUnread) endFor('It does not read what it is sent');
      };
      const talk = createChildPeer({ send, say });
      talk.greeted.catch((error: Error) => endFor(error.message));
      const tooLong = (): void => say(`A message of more than ${longestLine} bytes was passed over`);
      output.on('data', lineReader(longestLine, { line: talk.heard, tooLong }));
      attached(talk);
    },
    end(how) {
      ended = true;
      void peer.then((talk) => talk.end(how));
      server.close();
      server.closeIdleConnections();
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
