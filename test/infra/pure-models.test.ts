/** Models hold rules: what comes in decides what they say. What they may import is proven by `npm run arrows`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const source = join(import.meta.dirname, '../../src');
const isModel = (path: string): boolean =>
  /(^|\/)model\//.test(path) || /^workflows\/(definition|compiler)\//.test(path);

const world =
  /\b(process|performance|globalThis|crypto)\b[.[]|\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bset(Timeout|Interval|Immediate)\b|\brandomUUID\b|(?<![.$\w])fetch\(/;

const models = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts') && isModel(path));

it('no model asks the clock, chance, timers, the network or the process', () => {
  expect(models.length).toBeGreaterThan(80);
  const touching = models.filter((path) => world.test(readFileSync(join(source, path), 'utf8')));
  expect(touching).toEqual([]);
});

it.each([
  'process.env',
  "globalThis['fetch']",
  'crypto.subtle',
  'performance.now()',
  'await fetch(url)',
  'new Date()',
  'setTimeout(end, 1)',
])('%s would be found', (text) => {
  expect(world.test(text)).toBe(true);
});
