/** What models are given and may not ask for: time, ids, hashing. */
import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../base/clock.ts';

export const systemClock: Clock = { now: () => Date.now() };

export const newId = (): string => randomUUID().replaceAll('-', '');

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
