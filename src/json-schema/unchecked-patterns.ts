/** The patterns of a service's schemas that cannot be run in linear time, so that nothing is held against them. */
import { boundedCheck } from './bounded-check.ts';

export interface ToolSchema {
  readonly tool: string;
  readonly which: 'input' | 'output';
  readonly schema: Readonly<Record<string, unknown>>;
}

/** A sentence for each, as far as one second goes for all of them. */
export async function uncheckedPatterns(schemas: readonly ToolSchema[]): Promise<string[]> {
  const withPatterns = schemas.filter(({ schema }) => JSON.stringify(schema).includes('"pattern'));
  if (withPatterns.length === 0) return [];
  const [{ linearPattern }, { patternsIn }] = await Promise.all([
    import('./linear-pattern.ts'),
    import('./model/patterns.ts'),
  ]);
  const found: string[] = [];
  try {
    boundedCheck(() => {
      for (const { tool, which, schema } of withPatterns)
        for (const { path, source } of patternsIn(schema))
          if (linearPattern(source) === undefined) found.push(skipped(path, which, tool));
      return true;
    });
  } catch {
    found.push('Not every pattern in the schemas of the tools was looked at: that takes longer than 1 s');
  }
  return found;
}

const skipped = (path: string, which: string, tool: string): string =>
  `The regular expression ${path} in the ${which} schema of ${tool} is not checked: it cannot be run in a bounded time (lookaround, references back, counts over 1000)`;
