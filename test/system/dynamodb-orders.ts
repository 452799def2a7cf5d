/** What the process with the databases of tests is asked, and what it answers. */
import * as z from 'zod';

const AccessKey = z.object({ accessKeyId: z.string(), secretAccessKey: z.string() });

export const Order = z.union([
  z.object({ id: z.number(), path: z.string(), accessKey: AccessKey.optional() }),
  z.object({ id: z.number(), port: z.number() }),
]);
export type Order = z.infer<typeof Order>;

export const Done = z.object({ id: z.number(), port: z.number().optional(), error: z.string().optional() });
