/**
 * One JSON-RPC request POSTed to an MCP endpoint (streamable HTTP), answered as JSON or as an event stream.
 * In a stream, notifications are passed over and requests of the peer are answered, so that a tool which
 * asks for what we do not offer fails at once instead of waiting.
 */
import { createParser } from 'eventsource-parser';
import { isJson, mediaType } from '../answer-text.ts';
import { type Bounds, startDeadline } from '../deadline.ts';
import type { Egress } from '../egress.ts';
import type { EgressResponse, ResponseHead, TextListener } from '../egress-request.ts';
import { isSuccess } from '../http-failure.ts';
import type { Repeatability } from '../model/repeatability.ts';
import { type Answer, answerIn, isPeerRequest, type Message, messagesOf } from './json-rpc.ts';

/** The newest protocol version of the era with sessions. */
export const protocolVersion = '2025-11-25';

export interface McpPost extends Bounds {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly id: number;
  readonly method: string;
  readonly repeating: Repeatability;
  readonly params: Readonly<Record<string, unknown>>;
  readonly maxBytes: number;
  /** As egress has it. */
  readonly alone?: boolean | undefined;
}

export interface McpReply {
  readonly response: EgressResponse;
  /** Missing when what came is no answer to the request. */
  readonly answer?: Answer | undefined;
}

const noticeMs = 1_000;
const answeredPeerRequests = 16;
const fixedHeaders = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** Rejects as egress does; whatever is answered, with any status, comes back. */
export async function postRequest(egress: Egress, post: McpPost): Promise<McpReply> {
  let streamed: Answer | undefined;
  const response = await egress.send({
    ...post,
    method: 'POST',
    headers: { ...fixedHeaders, ...post.headers },
    body: JSON.stringify({ jsonrpc: '2.0', id: post.id, method: post.method, params: post.params }),
    listen: (head) => {
      if (!isEventStream(head)) return undefined;
      return listenForAnswer(egress, post, (answer) => {
        streamed = answer;
      });
    },
  });
  return { response, answer: streamed ?? answerInBody(response, post.id) };
}

/** Sends a message that has no answer, waiting a second at most; whether it arrived is not known. */
export async function postNotice(egress: Egress, post: McpNotice): Promise<void> {
  const { url, headers, message, subject, credential } = post;
  const sent = egress.send({
    subject,
    credential,
    method: 'POST',
    repeating: 'safe',
    url,
    headers: { ...fixedHeaders, ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
    deadline: startDeadline(noticeMs),
    maxBytes: 65_536,
    listen: () => () => true,
  });
  await sent.catch(() => undefined);
}

export interface McpNotice extends Pick<McpPost, 'url' | 'headers' | 'subject' | 'credential'> {
  readonly message: Readonly<Record<string, unknown>>;
}

const isEventStream = (head: ResponseHead) =>
  head.status >= 200 && head.status < 300 && mediaType(head) === 'text/event-stream';

function answerInBody(response: EgressResponse, id: number): Answer | undefined {
  if (isSuccess(response) && !isJson(mediaType(response))) return undefined;
  return firstAnswer(messagesOf(response.text), id);
}

function firstAnswer(messages: readonly Message[], id: number): Answer | undefined {
  for (const message of messages) {
    const answer = answerIn(message, id);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

function listenForAnswer(egress: Egress, post: McpPost, found: (answer: Answer) => void): TextListener {
  let answered = false;
  let peerRequests = 0;
  const parser = createParser({
    onEvent({ data }) {
      const messages = messagesOf(data);
      const answer = firstAnswer(messages, post.id);
      if (answer !== undefined) {
        answered = true;
        found(answer);
      }
      for (const message of messages.filter(isPeerRequest)) {
        peerRequests += 1;
        if (peerRequests <= answeredPeerRequests) void postNotice(egress, replyToPeer(post, message));
      }
    },
  });
  const toLines = lineEnds();
  return (text) => {
    parser.feed(toLines(text));
    return answered;
  };
}

/**
 * Lines that end with CR, LF or both, as lines that end with LF: at a CR the parser would wait for what comes next. Once
 * the stream has ended (an empty text) what is left is an event, though its empty line is missing.
 */
function lineEnds(): (text: string) => string {
  let afterReturn = false;
  return (text) => {
    if (text === '') return '\n\n';
    const rest = afterReturn && text.startsWith('\n') ? text.slice(1) : text;
    afterReturn = text.endsWith('\r');
    return rest.replace(/\r\n?/g, '\n');
  };
}

/** `ping` is answered; nothing else is offered (MCP 2025-11-25, basic utilities). */
const replyToPeer = ({ url, headers, subject, credential }: McpPost, { id, method }: Message): McpNotice => ({
  url,
  headers,
  subject,
  credential,
  message:
    method === 'ping'
      ? { id, result: {} }
      : { id, error: { code: -32601, message: 'The orchestrator does not offer this method' } },
});
