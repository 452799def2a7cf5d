/** A role that was put: the operations that it allows. */
import * as z from 'zod';
import { OperationPattern, Role, RoleName } from './access.ts';

export const CustomRole = z.object({
  name: RoleName.describe('Name of the role'),
  operations: z
    .array(OperationPattern)
    .min(1)
    .max(200)
    .describe('Ids of the operations that it allows, or patterns such as list_* and get_*'),
  description: z.string().max(500).optional().describe('What it is for'),
  updatedAt: z.string().describe('ISO time'),
  updatedBy: z.string().describe('Caller that put it'),
});
export type CustomRole = z.infer<typeof CustomRole>;

export const rolePartition = 'ROLE';
export const placeOfRole = (name: string) => ({ pk: rolePartition, sk: name });

export const isBuiltIn = (name: string): boolean => Role.safeParse(name).success;
