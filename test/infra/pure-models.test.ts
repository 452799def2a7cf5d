/** Models hold rules: what comes in decides what they say. What they may import is proven by `npm run arrows`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const source = join(import.meta.dirname, '../../src');
const isModel = (path: string): boolean =>
  /(^|\/)model\//.test(path) || /^workflows\/(definition|compiler)\//.test(path);

const world =
  /\bprocess\.|\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.|\bset(Timeout|Interval|Immediate)\b|\brandomUUID\b/;

const models = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts') && isModel(path));

it('no model asks the clock, chance, timers or the process', () => {
  expect(models.length).toBeGreaterThan(80);
  const touching = models.filter((path) => world.test(readFileSync(join(source, path), 'utf8')));
  expect(touching).toEqual([]);
});
