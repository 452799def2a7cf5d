/** The body of a request, of a bounded size and within a bounded time (Node's own bound on the receipt of a request). */
import type { IncomingMessage } from 'node:http';

/** Undefined where it has more than `most` bytes, or did not arrive. */
export function bodyOf(request: IncomingMessage, most: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let size = 0;
    request.on('data', (piece: Buffer) => {
      size += piece.length;
      if (size > most) resolve(undefined);
      else pieces.push(piece);
    });
    request.once('end', () => resolve(Buffer.concat(pieces).toString('utf8')));
    request.once('close', () => resolve(undefined));
  });
}
