/**
 * Connections that are kept, and how long each may be used again: less long than its peer keeps it, who may close it
 * just as a request goes out. What the peer says of that (`Keep-Alive: timeout=5`) counts; where it says nothing, a
 * request that must not be sent twice only goes over a connection that was idle for a moment.
 */
import { Agent as HttpAgent, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import type { Repeatability } from './model/repeatability.ts';

/** Common servers that do not say how long they keep connections do so for two seconds (gunicorn) or five (uvicorn). */
const unsaidMs = { safe: 4_000, idempotent: 4_000, once: 1_000 } as const satisfies Record<
  Repeatability,
  number
>;
const mostIdleMs = 4_000;
/** What a connection is given up before its time is over, for the way of a request. */
const marginMs = 1_000;

interface Age {
  /** By both clocks: in a function that was frozen either may have stood still. */
  readonly idleSince: readonly [number, number];
  /** How long its peer keeps it, where it said so. */
  readonly keptMs: number | undefined;
}

export interface KeptConnections {
  /**
   * Connections for a request; of those that it might use, what is too old is closed, or everything when it wants a new
   * one. One that is `alone` ends with its answer.
   */
  agentFor(url: URL, use: Repeatability | 'new' | 'alone'): HttpAgent;
  /** Remembers what the peer said of a connection with its answer. */
  answered(socket: Socket | null, headers: IncomingHttpHeaders): void;
  /** Closes the idle connections to the host and port of a url. */
  letGo(url: URL): void;
  close(): void;
}

/** `lookup` checks addresses; `autoSelectFamily` tries each of them (RFC 8305). */
export function createKeptConnections(lookup: LookupFunction): KeptConnections {
  const ages = new WeakMap<object, Age>();
  const options = {
    keepAlive: true,
    timeout: mostIdleMs,
    maxFreeSockets: 64,
    autoSelectFamily: true,
    lookup,
  };
  const agents = {
    http: noticing(new HttpAgent(options), ages),
    https: noticing(new HttpsAgent(options), ages),
  };
  const alone = { autoSelectFamily: true, lookup };
  const closing = { http: new HttpAgent(alone), https: new HttpsAgent(alone) };
  return {
    agentFor(url, use) {
      const scheme = schemeOf(url);
      if (use === 'alone') return closing[scheme];
      const agent = agents[scheme];
      for (const socket of freeSockets(agent, url)) {
        if (use === 'new' || !isYoung(ages.get(socket), use)) socket.destroy();
      }
      return agent;
    },
    answered(socket, headers) {
      const keptMs = keptMsIn(headers['keep-alive']);
      if (socket !== null) ages.set(socket, { idleSince: now(), keptMs });
    },
    letGo(url) {
      for (const socket of freeSockets(agents[schemeOf(url)], url)) socket.destroy();
    },
    close() {
      for (const agent of [agents.http, agents.https, closing.http, closing.https]) agent.destroy();
    },
  };
}

const schemeOf = ({ protocol }: URL): 'http' | 'https' => (protocol === 'https:' ? 'https' : 'http');

const now = (): [number, number] => [performance.now(), Date.now()];

/** The agent, telling when a connection becomes idle. */
function noticing<A extends HttpAgent>(agent: A, ages: WeakMap<object, Age>): A {
  const keep = agent.keepSocketAlive.bind(agent);
  agent.keepSocketAlive = (socket): unknown => {
    const keptMs = ages.get(socket)?.keptMs;
    ages.set(socket, { idleSince: now(), keptMs });
    return keptMs !== undefined && keptMs <= marginMs ? false : keep(socket);
  };
  return agent;
}

function isYoung(age: Age | undefined, use: Repeatability): boolean {
  if (age === undefined) return false;
  const [monotonic, wall] = now();
  const idleMs = Math.max(monotonic - age.idleSince[0], wall - age.idleSince[1]);
  const keptMs = age.keptMs === undefined ? unsaidMs[use] : age.keptMs - marginMs;
  return idleMs < Math.min(keptMs, mostIdleMs);
}

/** Node names its lists of idle connections `host:port:…`. */
function freeSockets(agent: HttpAgent, { protocol, hostname, port }: URL): Socket[] {
  const host = hostname.replace(/^\[|\]$/g, '');
  const name = `${host}:${port || (protocol === 'https:' ? 443 : 80)}:`;
  return Object.entries(agent.freeSockets).flatMap(([key, sockets = []]) =>
    key.startsWith(name) ? [...sockets] : [],
  );
}

/** `timeout=5, max=100` (RFC 2068, 19.7.1.1), in milliseconds. */
function keptMsIn(header: unknown): number | undefined {
  const seconds =
    typeof header === 'string' ? /(?:^|[,;\s])timeout\s*=\s*"?(\d{1,9})/i.exec(header)?.[1] : undefined;
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
