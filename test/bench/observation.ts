/**
 * Watches the orchestrator from inside its process without changing it: every command that goes through the
 * AWS SDK clients, and every request to the called service, with its name and how long it took.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { SFNClient } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';

const Key = z.object({ pk: z.string(), sk: z.string() });

/** Fields that say what a command is about; Put has its key in the item. */
const Command = z.object({
  input: z.object({
    Key: Key.optional(),
    Item: Key.optional(),
    ExpressionAttributeNames: z.record(z.string(), z.string()).optional(),
  }),
});

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
  watchClient(DynamoDBDocumentClient.prototype, see, describeDynamoDb);
  watchClient(SFNClient.prototype, see, (name) => ({ phase: name.replace(/Command$/, '') }));
}

type Described = Omit<Observed, 'ms'>;

function watchClient(
  prototype: object,
  see: See,
  describe: (name: string, command: object) => Described,
): void {
  const send: unknown = Reflect.get(prototype, 'send');
  if (typeof send !== 'function') throw new Error('The AWS SDK client has no send to watch');
  Reflect.set(prototype, 'send', async function watched(this: unknown, command: object): Promise<unknown> {
    const began = performance.now();
    const answer: unknown = await Reflect.apply(send, this, [command]);
    see({ ...describe(command.constructor.name, command), ms: performance.now() - began });
    return answer;
  });
}

function describeDynamoDb(name: string, command: object): Described {
  const { input } = Command.parse(command);
  const { pk, sk } = input.Key ?? input.Item ?? { pk: '', sk: '' };
  if (name === 'PutCommand') return { phase: `write: ${sk === 'META' ? 'start' : kindOf(pk)}` };
  if (name === 'UpdateCommand') return describeUpdate({ pk, sk }, input.ExpressionAttributeNames ?? {});
  if (name === 'BatchGetCommand') return { phase: 'read: execution and step' };
  return { phase: `read: ${kindOf(pk) || 'query'}` };
}

function describeUpdate({ pk, sk }: z.infer<typeof Key>, names: Record<string, string>): Described {
  if (sk.startsWith('STEP#')) return { phase: 'write: step' };
  return '#closedAt' in names
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
