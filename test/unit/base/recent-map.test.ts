import { expect, it } from 'vitest';
import { RecentMap } from '../../../src/base/recent-map.ts';

it('forgets the entry that was set longest ago when it is full', () => {
  const map = new RecentMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 3);
  map.set('c', 4);
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([3, undefined, 4]);
});
