import { expect, it } from 'vitest';
import { lineReader } from '../../../../../src/lifecycle/drivers/process/bridge/line-reader.ts';

function read(most: number, pieces: readonly string[]): string[] {
  const heard: string[] = [];
  const reader = lineReader(most, {
    line: (text) => heard.push(text),
    tooLong: () => heard.push('too long'),
  });
  for (const piece of pieces) reader(Buffer.from(piece));
  return heard;
}

it('lines come whole, whatever the pieces are', () => {
  expect(read(100, ['a', 'b\nc', '\n\nd\ne', 'f'])).toEqual(['ab', 'c', '', 'd']);
});

it('characters that two pieces share are whole', () => {
  const [first, second] = [Buffer.from('é\n').subarray(0, 1), Buffer.from('é\n').subarray(1)];
  const heard: string[] = [];
  const reader = lineReader(100, { line: (text) => heard.push(text), tooLong: () => undefined });
  reader(first);
  reader(second);
  expect(heard).toEqual(['é']);
});

it('a line that is too long is passed over, and the next one is read', () => {
  expect(read(3, ['abc\nab', 'cd', 'e\nabc\n'])).toEqual(['abc', 'too long', 'abc']);
});
