/** What a container said, out of the frames in which the engine gives it (Docker Engine API: attach, stream format). */

const headBytes = 8;

/** Each frame has a head of eight bytes, of which the last four are the length of what follows. */
export function linesIn(output: Buffer): string[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at + headBytes <= output.length; ) {
    const end = at + headBytes + output.readUInt32BE(at + 4);
    pieces.push(output.subarray(at + headBytes, end));
    at = end;
  }
  const lines = Buffer.concat(pieces).toString('utf8').split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
