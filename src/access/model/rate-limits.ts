/** Classes of operations, and how often a caller may use those of each in a minute. */
import * as z from 'zod';

/** What only looks; what changes something; what takes something away, or stops it. */
export const OperationClass = z.enum(['reads', 'writes', 'destructive']);
export type OperationClass = z.infer<typeof OperationClass>;

export const classOf = (hints: {
  readonly readOnly: boolean;
  readonly destructive: boolean;
}): OperationClass => (hints.readOnly ? 'reads' : hints.destructive ? 'destructive' : 'writes');

const PerMinute = z.int().min(1).max(1_000_000).optional();

/** Without a number there is no limit. */
export const RateLimits = z.strictObject({ reads: PerMinute, writes: PerMinute, destructive: PerMinute });
export type RateLimits = z.infer<typeof RateLimits>;

const rule = 'must be such as reads=6000,writes=600,destructive=60: how many a minute for each caller';

/** As an environment has them; nothing is no limit. */
export const RateLimitsText = z
  .string()
  .default('')
  .transform((text, context) => {
    const parts = text.split(',').filter((part) => part.trim() !== '');
    const entries = parts.map((part) => {
      const [, name = '', number = ''] = /^\s*(\w+)\s*=\s*(\d+)\s*$/.exec(part) ?? [];
      return [name, Number(number)] as const;
    });
    const { data } = RateLimits.safeParse(Object.fromEntries(entries));
    if (data !== undefined && new Set(entries.map(([name]) => name)).size === entries.length) return data;
    context.addIssue({ code: 'custom', message: rule });
    return z.NEVER;
  });
