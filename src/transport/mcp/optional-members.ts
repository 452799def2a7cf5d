/** What services write for a member that is not there. */
import * as z from 'zod';

/** A member that may be missing or null. */
export const optionalMember = <T extends z.ZodType>(shape: T) =>
  shape.nullish().transform((value): z.output<T> | undefined => value ?? undefined);

/** A member that is left out where it has another shape. */
export const lenientMember = <T extends z.ZodType>(shape: T) => optionalMember(shape).catch(undefined);

const longestCursor = 4_096;

/** Where a list goes on; null, an empty text and anything else mean that it does not. */
export const NextCursor = z
  .unknown()
  .optional()
  .transform((cursor): string | undefined =>
    typeof cursor === 'string' && cursor !== '' && cursor.length <= longestCursor ? cursor : undefined,
  );
