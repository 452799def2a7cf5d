/** An API key as it is shown: everything but its secret and the hashes of it. */
import * as z from 'zod';
import { RoleName } from './access.ts';

export const ApiKeyId = z.string().regex(/^[0-9A-Za-z]{12}$/);

export const KeyName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9 ._@-]{0,62}$/, 'must be 1 to 63 letters, digits, spaces, ., _, @ and -');

export const ApiKey = z.object({
  id: ApiKeyId.describe('Names the key; it stands in the key behind orc_'),
  name: KeyName.describe('What the key is for, or who has it'),
  role: RoleName.describe('What it may do'),
  createdAt: z.string().describe('ISO time'),
  createdBy: z.string().describe('Caller that created it'),
  expiresAt: z.string().optional().describe('ISO time from which on it is not taken; never when left out'),
  lastUsedAt: z.string().optional().describe('ISO time of a use, which is noted at most hourly'),
  rotatedAt: z.string().optional().describe('ISO time of the last rotation'),
  oldUntil: z
    .string()
    .optional()
    .describe('ISO time until which the secret before the last rotation is taken too'),
  revokedAt: z.string().optional().describe('ISO time of its revocation'),
  revokedBy: z.string().optional().describe('Caller that revoked it'),
});
export type ApiKey = z.infer<typeof ApiKey>;
