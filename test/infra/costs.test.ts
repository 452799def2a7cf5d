import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CountedRun, countRun } from './costs/counted-run.ts';

let run: CountedRun;
beforeAll(async () => {
  run = await countRun();
}, 60_000);
afterAll(() => undefined);

describe('x', () => {
  it('y', () => {
    console.log(JSON.stringify(run, null, 1));
    expect(1).toBe(1);
  });
});
