/** What every context takes from the world: time, ids, hashing, and where AWS answers. */
import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../domain/clock.ts';

export const systemClock: Clock = { now: () => Date.now() };

/** An endpoint that is named takes any credentials and has no region of its own. */
export const connection = (endpoint: string | undefined) =>
  endpoint === undefined
    ? {}
    : { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

export const newId = (): string => randomUUID().replaceAll('-', '');

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
