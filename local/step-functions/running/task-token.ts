/**
 * The token by which a callback names a task. It says where the task is, so that no index has to be kept, and
 * holds a secret, so that nobody can name a task that they were not told of.
 */
import { randomBytes } from 'node:crypto';
import * as z from 'zod';

const Token = z.tuple([z.number().int(), z.string(), z.string()]);

export interface TaskPlace {
  /** The execution's number in this engine. */
  readonly execution: number;
  readonly frame: string;
}

export const newTaskToken = ({ execution, frame }: TaskPlace): string =>
  Buffer.from(JSON.stringify([execution, frame, randomBytes(32).toString('base64url')])).toString('base64');

/** Undefined for what is no token of this engine. */
export function placeOf(token: string): TaskPlace | undefined {
  try {
    const [execution, frame] = Token.parse(JSON.parse(Buffer.from(token, 'base64').toString()));
    return { execution, frame };
  } catch {
    return undefined;
  }
}
