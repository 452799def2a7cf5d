/** Where things lie among the ended executions: a letter says what, and what is to be read in order follows in bytes. */
import type { Range } from '../../dynamodb/storage/environment.ts';

export const numberBytes = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64BE(BigInt(Math.max(0, Math.trunc(value))));
  return bytes;
};

/** The number at the beginning. */
export const numberIn = (bytes: Buffer): number => Number(bytes.readBigUInt64BE(0));

const keyOf = (letter: string, ...parts: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from(letter), ...parts]);
const text = (value: string, end = ''): Buffer => Buffer.from(`${value}${end}`);

/** Its record: those that ended one after the other lie together. */
export const recordKey = (number: number): Buffer => keyOf('E', numberBytes(number));
export const nameKey = (arn: string): Buffer => keyOf('A', text(arn));
export const revisionKey = (revisionId: string): Buffer => keyOf('R', text(revisionId));
export const lastNumberKey = keyOf('N');
export const endKey = (stopDate: number, number: number): Buffer =>
  keyOf('T', numberBytes(stopDate), numberBytes(number));
export const machineKey = (machineArn: string, number: number): Buffer =>
  keyOf('M', text(machineArn, '\u0000'), numberBytes(number));

/** Keys of ends and of machines end with the number of the execution. */
export const numberAtEnd = (key: Buffer): number => numberIn(key.subarray(-8));

export const allOfMachine = (machineArn: string): Range => ({
  from: keyOf('M', text(machineArn, '\u0000')),
  to: keyOf('M', text(machineArn, '\u0001')),
});

/** Backwards: the highest number first. */
export const ofMachineBefore = (machineArn: string, before: number): Range => ({
  ...allOfMachine(machineArn),
  ...(Number.isFinite(before) && { to: machineKey(machineArn, before) }),
  backwards: true,
});

export const endedBefore = (moment: number): Range => ({
  from: keyOf('T', numberBytes(0)),
  to: keyOf('T', numberBytes(moment)),
});
