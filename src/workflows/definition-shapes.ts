/** What operations that take a definition share. */
import * as z from 'zod';
import { Fault } from '../base/errors.ts';

/** Wider than the format on purpose: the validator names every fault, not only those of shape. */
export const AnyDefinition = z.looseObject({ strict: z.boolean().default(false) });

export const Strict = z
  .boolean()
  .optional()
  .describe('Whether it is refused for its warnings too; it is not stored');

export const DefinitionWarnings = z
  .array(Fault)
  .describe(
    'What is probably not meant so: unknown tools, arguments that they refuse, paths that their output schemas do not have, texts that look like expressions',
  );
