/**
 * Reads the body of an answer up to a bound. Of an answer that is not a success only the beginning is kept
 * (it serves a message). A listener that has seen enough ends the reading; the rest is drained for a moment,
 * so that the connection can be used again.
 */
import type { IncomingMessage } from 'node:http';
import { OrchestratorError } from '../base/errors.ts';
import { createBodyText } from './body-text.ts';
import type { EgressRequest, EgressResponse, ResponseHead } from './egress-request.ts';

const failureBodyBytes = 16_384;
const drainMs = 1_000;

export function readBody(incoming: IncomingMessage, request: EgressRequest): Promise<EgressResponse> {
  const head: ResponseHead = { status: incoming.statusCode ?? 0, headers: incoming.headers };
  const succeeded = head.status >= 200 && head.status < 300;
  const limit = succeeded ? request.maxBytes : failureBodyBytes;
  const listener = request.listen?.(head);
  const body = createBodyText(head.headers['content-type']);
  return new Promise((resolve, reject) => {
    let text = '';
    let bytes = 0;
    let satisfied = false;
    const done = () => resolve({ ...head, text });
    const overflow = () => {
      if (succeeded) reject(tooLarge(request));
      done();
      incoming.destroy();
    };
    const hear = (piece: string) => {
      if (listener === undefined) text += piece;
      else if (!satisfied && listener(piece)) {
        satisfied = true;
        drain(incoming, done);
      }
    };
    const guarded = (read: () => void): void => {
      try {
        read();
      } catch (error) {
        // A listener that fails over what was sent would end the process from here.
        reject(error);
        incoming.destroy();
      }
    };
    const take = (piece: Buffer) => {
      bytes += piece.length;
      const read = body.read(piece);
      if (read !== '') hear(read);
      if (bytes > limit) overflow();
    };
    const end = () => {
      const rest = body.end();
      if (rest !== '') hear(rest);
      hear('');
      done();
    };
    incoming.on('data', (piece: Buffer) => guarded(() => take(piece)));
    incoming.once('end', () => guarded(end));
    /** A status that is no success says enough, also where its body breaks off. */
    const broken = (error: Error) => (succeeded ? reject(error) : done());
    incoming.once('error', broken);
    incoming.once('close', () => broken(new Error('closed')));
  });
}

function drain(incoming: IncomingMessage, done: () => void): void {
  const timer = setTimeout(() => incoming.destroy(), drainMs);
  incoming.once('close', () => clearTimeout(timer));
  done();
}

const tooLarge = ({ subject, maxBytes }: EgressRequest) =>
  new OrchestratorError(
    'step.result-too-large',
    `${subject} answered more than ${maxBytes} bytes, which are not read`,
  );
