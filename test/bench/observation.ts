/**
 * Watches the orchestrator from inside its process without changing it: every request of a table to DynamoDB, every command
 * to Step Functions, and every request to the called service, with its name and how long it took.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { Table } from '../../src/aws/table.ts';

const Key = z.object({ pk: z.string(), sk: z.string() });
const Update = z.object({ set: z.record(z.string(), z.unknown()).default({}) });

export interface Observed {
  /** Such as `write: step`; reads of DynamoDB begin with `read:`, its writes with `write:`. */
  readonly phase: string;
  readonly ms: number;
  /** Only when this command recorded the end of an execution. */
  readonly endedId?: string;
}
type See = (observed: Observed) => void;

/** From here on `see` is told of everything that is done. */
export function observe(see: See): void {
  for (const [method, describe] of Object.entries(requests))
    watch(Table.prototype, method, { see, describe });
  watch(SFNClient.prototype, 'send', {
    see,
    describe: (command) => ({ phase: nameOf(command).replace(/Command$/, '') }),
  });
}

type Described = Omit<Observed, 'ms'>;
type Describe = (first: unknown, second: unknown) => Described;

/** What a table asks of DynamoDB, by the arguments of its methods. */
const requests: Readonly<Record<string, Describe>> = {
  get: (key) => ({ phase: `read: ${kindOf(Key.parse(key).pk)}` }),
  getAll: () => ({ phase: 'read: execution and step' }),
  query: () => ({ phase: 'read: query' }),
  put: (item) => {
    const { pk, sk } = Key.parse(item);
    return { phase: `write: ${sk === 'META' ? 'start' : kindOf(pk)}` };
  },
  update: (key, update) => describeUpdate(Key.parse(key), Update.parse(update)),
  delete: (key) => ({ phase: `write: ${kindOf(Key.parse(key).pk)}` }),
};

function watch(
  prototype: object,
  method: string,
  { see, describe }: { readonly see: See; readonly describe: Describe },
): void {
  const original: unknown = Reflect.get(prototype, method);
  if (typeof original !== 'function') throw new Error(`There is no ${method} to watch`);
  Reflect.set(prototype, method, async function watched(this: unknown, ...args: unknown[]): Promise<unknown> {
    const began = performance.now();
    const answer: unknown = await Reflect.apply(original, this, args);
    see({ ...describe(args[0], args[1]), ms: performance.now() - began });
    return answer;
  });
}

const nameOf = (command: unknown): string =>
  typeof command === 'object' && command !== null ? command.constructor.name : '';

function describeUpdate({ pk, sk }: z.infer<typeof Key>, { set }: z.infer<typeof Update>): Described {
  if (sk.startsWith('STEP#')) return { phase: 'write: step' };
  return 'closedAt' in set
    ? { phase: 'write: close', endedId: pk.slice('EXECUTION#'.length) }
    : { phase: 'write: execution' };
}

const kindOf = (pk: string): string => pk.split('#')[0]?.toLowerCase() ?? '';

/** Requests to the called service: those to this port. */
export function observeCalls(peerPort: number, see: See): void {
  const began = new WeakMap<ClientRequest, number>();
  const isCall = (request: ClientRequest): boolean => request.getHeader('host') === `127.0.0.1:${peerPort}`;
  subscribe('http.client.request.start', (message) => {
    const request = requestOf(message);
    if (isCall(request)) began.set(request, performance.now());
  });
  subscribe('http.client.response.finish', (message) => {
    const request = requestOf(message);
    const from = began.get(request);
    if (from !== undefined) see({ phase: 'service call, sent to answered', ms: performance.now() - from });
  });
}

/** The channel's messages have no types (Node: diagnostics_channel, HTTP). */
const Message = z.object({ request: z.custom<ClientRequest>((value) => typeof value === 'object') });
const requestOf = (message: unknown): ClientRequest => Message.parse(message).request;
