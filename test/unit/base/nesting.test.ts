import { describe, expect, it } from 'vitest';
import { isTooDeep } from '../../../src/base/nesting.ts';

const nested = (levels: number, inner = '1'): string => '['.repeat(levels) + inner + ']'.repeat(levels);

describe('a JSON text', () => {
  it('may be nested 1000 levels deep, and no deeper', () => {
    expect(isTooDeep(nested(1000))).toBe(false);
    expect(isTooDeep(nested(1001))).toBe(true);
    expect(isTooDeep('{"a":'.repeat(1001))).toBe(true);
  });

  it('may have as many arrays beside each other, and brackets in texts, as it likes', () => {
    expect(isTooDeep(`[${'[],'.repeat(5000)}1]`)).toBe(false);
    expect(isTooDeep(JSON.stringify('['.repeat(5000)))).toBe(false);
    expect(isTooDeep(nested(990, JSON.stringify(`"${'['.repeat(5000)}\\`)))).toBe(false);
    expect(isTooDeep(`["\\"",${nested(1000)}]`)).toBe(true);
  });
});
