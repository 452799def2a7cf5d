/** Lines out of pieces of a stream; of one that is too long nothing is kept. */

export interface LineListener {
  line(text: string): void;
  /** A line had more than `most` bytes. */
  tooLong(): void;
}

const newline = 10;

export function lineReader(most: number, { line, tooLong }: LineListener): (piece: Buffer) => void {
  let pieces: Buffer[] = [];
  let size = 0;
  const take = (piece: Buffer): void => {
    size += piece.length;
    if (size <= most) pieces.push(piece);
    else pieces = [];
  };
  const finish = (): void => {
    if (size > most) tooLong();
    else line(Buffer.concat(pieces).toString('utf8'));
    pieces = [];
    size = 0;
  };
  return (piece) => {
    let from = 0;
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, from)) {
      take(piece.subarray(from, end));
      finish();
      from = end + 1;
    }
    take(piece.subarray(from));
  };
}
