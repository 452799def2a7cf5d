/**
 * What is known of one start. Its runner writes it to a file and says it to whoever is connected, each time that it
 * changes; the last one says how it ended.
 */
import * as z from 'zod';

const Identity = z.object({ pid: z.int().positive(), began: z.string().optional() });

export const StartRecord = z.object({
  token: z.string(),
  service: z.string(),
  id: z.string(),
  runner: Identity,
  /** Where the runner is spoken to: a Unix domain socket, on Windows a named pipe. */
  socket: z.string(),
  /** What was started; it leads a process group of its own. Absent until it runs. */
  child: Identity.optional(),
  url: z.string().optional(),
  /** It was asked to end. */
  stopping: z.literal(true).optional(),
  ended: z.object({ atMs: z.number(), how: z.string(), lastLines: z.array(z.string()) }).optional(),
});
export type StartRecord = z.infer<typeof StartRecord>;
