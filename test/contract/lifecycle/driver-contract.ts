/** What every driver keeps, whatever it starts: the same sentences for all of them. */
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import type { DrivenStart, Driver, Listed, Observed } from '../../../src/instances/driver.ts';

/** A driver over a platform of its own, and what the platform itself says. */
export interface DriverSubject {
  /** A driver over the platform; another one each time, as an orchestrator has that was started again. */
  open(): Driver;
  /**
   * A start of something that runs until it is stopped. The same name gives the same token, another one another; all are
   * starts of one service.
   */
  start(name: string): DrivenStart;
  /** How many run for this start; the driver is not asked. */
  copies(start: DrivenStart): Promise<number>;
  /** Makes what runs for it end by itself; absent where nothing does. */
  end?(start: DrivenStart): Promise<void>;
  /** A line that it says when it has started; absent where the driver has no logs. */
  readonly says?: string;
  /** Ends whatever runs, and takes the platform away. */
  close(): Promise<void>;
}

/** Milliseconds that a platform may take until it shows what it has accepted. */
const shown = { timeout: 15_000, interval: 50 };

/** `prepare` skips where the platform is not there. */
export function describeDriver(
  title: string,
  prepare: (context: Pick<TestContext, 'skip'>) => Promise<DriverSubject>,
): void {
  describe(`${title} keeps the contract of drivers`, () => {
    let subject: DriverSubject;
    let driver: Driver;
    let opened: Driver[] = [];
    const open = (): Driver => {
      const one = subject.open();
      opened.push(one);
      return one;
    };
    const stateOf =
      (start: DrivenStart, asked: Driver = driver) =>
      async (): Promise<string> =>
        (await asked.describe(start)).state;
    const running = async (start: DrivenStart): Promise<Observed> => {
      await driver.start(start);
      await expect.poll(stateOf(start), shown).toBe('RUNNING');
      return await driver.describe(start);
    };
    const copies = (start: DrivenStart) => (): Promise<number> => subject.copies(start);
    const listed = async (start: DrivenStart, asked: Driver = driver): Promise<Listed[] | undefined> =>
      (await asked.list())?.filter(({ token }) => token === start.token);

    beforeEach(async (context) => {
      opened = [];
      subject = await prepare(context);
      driver = open();
    });
    afterEach(async () => {
      for (const one of opened) one.close?.();
      if (opened.length > 0) await subject.close();
    });

    it('says that what was never started is gone', async () => {
      expect(await driver.describe(subject.start('never'))).toMatchObject({ state: 'GONE' });
    });

    it('starts one copy, and says what it is called and where it is called', async () => {
      const start = subject.start('one');
      const observed = await running(start);
      expect(observed.ref).toMatch(/./);
      expect(observed.url).toMatch(/^https?:\/\/./);
      expect(await subject.copies(start)).toBe(1);
    });

    it('answers a start that it knows with what it has started', async () => {
      const start = subject.start('one');
      const { ref, url } = await running(start);
      expect(await driver.start(start)).toMatchObject({ state: 'RUNNING', ref, url });
      expect(await subject.copies(start)).toBe(1);
    });

    it('starts one copy for starts at the same moment, from another driver too', async () => {
      const start = subject.start('one');
      const others = [open(), open()];
      await Promise.all([driver, driver, ...others].map((one) => one.start(start)));
      const { ref } = await running(start);
      for (const other of others)
        expect(await other.describe(start)).toMatchObject({ state: 'RUNNING', ref });
      expect(await subject.copies(start)).toBe(1);
    });

    it('starts what has another token beside it', async () => {
      const [one, another] = [subject.start('one'), subject.start('another')];
      await running(one);
      await running(another);
      await driver.stop(one);
      await expect.poll(copies(one), shown).toBe(0);
      expect(await driver.describe(another)).toMatchObject({ state: 'RUNNING' });
      expect(await subject.copies(another)).toBe(1);
    });

    it('stops it, and says so', async () => {
      const start = subject.start('one');
      await running(start);
      await driver.stop(start);
      await expect.poll(stateOf(start), shown).toMatch(/^(EXITED|GONE)$/);
      expect(await subject.copies(start)).toBe(0);
    });

    it('takes a second stop, and one of what was never started', async () => {
      const start = subject.start('one');
      await running(start);
      await Promise.all([driver.stop(start), driver.stop(start)]);
      await expect.poll(stateOf(start), shown).toMatch(/^(EXITED|GONE)$/);
      await driver.stop(start);
      await driver.stop(subject.start('never'));
      expect(await subject.copies(start)).toBe(0);
    });

    it('leaves what it has started running when it is closed; the next driver finds it and stops it', async () => {
      const start = subject.start('one');
      const { ref, url } = await running(start);
      driver.close?.();
      const next = open();
      expect(await next.describe(start)).toMatchObject({ state: 'RUNNING', ref, url });
      expect(await subject.copies(start)).toBe(1);
      await next.stop(start);
      await expect.poll(stateOf(start, next), shown).toMatch(/^(EXITED|GONE)$/);
      expect(await subject.copies(start)).toBe(0);
    });

    it('lists what runs, once, for the next driver too; or cannot tell at all', async () => {
      const start = subject.start('one');
      await running(start);
      const { service, id, token } = start;
      for (const asked of [driver, open()]) {
        const list = await listed(start, asked);
        if (list === undefined) continue;
        expect(list).toEqual([expect.objectContaining({ service, id, token, state: 'RUNNING' })]);
      }
      await driver.stop(start);
      await expect
        .poll(async () => (await listed(start))?.filter(({ state }) => state === 'RUNNING') ?? [], shown)
        .toEqual([]);
    });

    it('gives the last lines that it said, as many as are asked for', async () => {
      const start = subject.start('one');
      await running(start);
      if (subject.says === undefined) {
        expect(await driver.logs(start, 10)).toBeUndefined();
        return;
      }
      await expect.poll(() => driver.logs(start, 100), shown).toContain(subject.says);
      expect(await driver.logs(start, 1)).toHaveLength(1);
    });

    it('says how one ended by itself, and tells of it where it tells', async ({ skip }) => {
      if (subject.end === undefined) return skip('nothing ends by itself there');
      const start = subject.start('one');
      const told: Listed[] = [];
      driver.onExit?.((ended) => told.push(ended));
      await running(start);
      await subject.end(start);
      await expect.poll(stateOf(start), shown).toMatch(/^(EXITED|GONE)$/);
      const { state, exit } = await driver.describe(start);
      if (state === 'EXITED') expect(exit?.how).toMatch(/./);
      if (driver.onExit === undefined) return;
      const { service, id, token } = start;
      await expect
        .poll(() => told, shown)
        .toEqual([expect.objectContaining({ service, id, token, state: 'EXITED' })]);
    });
  });
}
