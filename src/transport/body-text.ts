/**
 * The text of a body that comes in pieces: by its byte order mark, else by the charset of its content type, else UTF-8.
 * Services say other charsets than they should, so one that is not known counts as UTF-8 and what is broken is replaced.
 */

import { TextDecoder } from 'node:util';

export interface BodyText {
  /** The text of a piece, as far as its characters are complete. */
  read(piece: Uint8Array): string;
  /** What is left when the body has ended. */
  end(): string;
}

const marks: readonly (readonly [string, readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];
const longestMark = 3;

export function createBodyText(contentType: string | undefined): BodyText {
  let decoder: TextDecoder | undefined;
  let beginning: Uint8Array = new Uint8Array();
  const begin = (): string => {
    decoder = new TextDecoder(markOf(beginning) ?? charsetOf(contentType));
    return decoder.decode(beginning, { stream: true });
  };
  return {
    read(piece) {
      if (decoder) return decoder.decode(piece, { stream: true });
      beginning = Buffer.concat([beginning, piece]);
      return beginning.length < longestMark && mayBeMark(beginning) ? '' : begin();
    },
    end: () => (decoder ? '' : begin()) + (decoder?.decode() ?? ''),
  };
}

const markOf = (bytes: Uint8Array): string | undefined =>
  marks.find(([, mark]) => mark.every((byte, index) => bytes[index] === byte))?.[0];

const mayBeMark = (bytes: Uint8Array): boolean =>
  marks.some(([, mark]) => bytes.every((byte, index) => index < mark.length && mark[index] === byte));

function charsetOf(contentType = ''): string {
  const label = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return 'utf-8';
  }
}
