import { expect, it } from 'vitest';
import type { Driver, Listed } from '../../../../src/instances/driver.ts';
import { lateDriver } from '../../../../src/lifecycle/drivers/late-driver.ts';

const start = {
  service: 'gmail',
  version: '1.0.0',
  transport: 'mcp' as const,
  id: 'gmail-1',
  token: 'gmail.gmail-1.1',
  settings: {},
};
const ended: Listed = { service: 'gmail', id: 'gmail-1', token: 'gmail.gmail-1.1', state: 'EXITED' };

function counted() {
  const seen: string[] = [];
  let tell: (ended: Listed) => void = () => undefined;
  const driver: Driver = {
    kind: 'container',
    start: async () => ({ state: 'PENDING' }),
    describe: async () => ({ state: 'RUNNING' }),
    stop: async () => undefined,
    list: async () => [ended],
    logs: async (_start, lines) => [`${lines} lines`],
    onExit: (told) => {
      tell = told;
    },
    close: () => void seen.push('closed'),
  };
  const late = lateDriver('container', async () => {
    seen.push('loaded');
    return driver;
  });
  return { late, seen, tell: () => tell(ended) };
}

it('is loaded by the first instance that needs it, once, and lists nothing before', async () => {
  const { late, seen } = counted();
  expect(await late.list()).toBeUndefined();
  expect(seen).toEqual([]);
  expect(await Promise.all([late.start(start), late.describe(start)])).toEqual([
    { state: 'PENDING' },
    { state: 'RUNNING' },
  ]);
  expect(await late.list()).toEqual([ended]);
  expect(await late.logs(start, 5)).toEqual(['5 lines']);
  expect(seen).toEqual(['loaded']);
});

it('tells whoever asked before it was loaded of those that end', async () => {
  const { late, tell } = counted();
  const told: Listed[] = [];
  late.onExit?.((one) => told.push(one));
  await late.describe(start);
  tell();
  expect(told).toEqual([ended]);
});

it('closes what it has loaded, and loads nothing to close it', async () => {
  const unused = counted();
  unused.late.close?.();
  expect(unused.seen).toEqual([]);
  const used = counted();
  await used.late.stop(start);
  used.late.close?.();
  expect(used.seen).toEqual(['loaded', 'closed']);
});

it('resizes nothing where the driver knows no sizes', async () => {
  expect(await counted().late.resize?.(start, 3)).toBe(false);
});
