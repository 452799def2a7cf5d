/** The access key of the local endpoints: random, of one data folder, and the same at each start of it. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { AccessKey } from './aws-endpoint/signature.ts';

const Kept = z.object({
  accessKeyId: z.string().regex(/^LOCAL[0-9A-F]{15}$/),
  secretAccessKey: z.string().regex(/^[\w-]{43}$/),
});

/** `endpointsFile` is what the last start wrote. */
export function accessKeyOf(endpointsFile: string): AccessKey {
  const { data } = Kept.safeParse(contentOf(endpointsFile));
  return data ?? newKey();
}

const newKey = (): AccessKey => ({
  accessKeyId: `LOCAL${randomBytes(8).toString('hex').toUpperCase().slice(0, 15)}`,
  secretAccessKey: randomBytes(32).toString('base64url'),
});

function contentOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
