/** What a container driver does when its exchange with an engine is recorded, and again when that is replayed. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DrivenStart, Driver } from '../../../src/instances/driver.ts';

export interface ContainerPrograms {
  readonly image: string;
  /** Of Node. */
  readonly program: string;
}

const serve = `
  process.on('SIGTERM', () => process.exit(0));
  require('node:http').createServer((_, response) => response.end()).listen(process.env.PORT);
  console.log('listening');`;
const fail = `console.log('reading the mailbox'); console.error('no mailbox'); process.exit(3);`;

const startOf = (id: string, { image, program }: ContainerPrograms, code: string): DrivenStart => ({
  service: 'gmail',
  version: '1.0.0',
  transport: 'mcp',
  id,
  token: `gmail.${id}.1`,
  settings: { image, command: [program, '-e', code], stopGraceSeconds: 5 },
});

/** Asks until the answer is so; a recorded engine answers each time as the real one did. */
async function until<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isSo(answer)) return answer;
    await sleep(50);
  }
}

export async function runContainerScenario(driver: Driver, programs: ContainerPrograms) {
  const [served, failed] = [startOf('i-1', programs, serve), startOf('i-2', programs, fail)];
  const stateIs = (start: DrivenStart, state: string) =>
    until(
      () => driver.describe(start),
      (observed) => observed.state === state,
    );
  const before = await driver.describe(served);
  const started = await driver.start(served);
  const again = await driver.start(served);
  const said = await until(
    () => driver.logs(served, 5),
    (lines) => lines?.[0] === 'listening',
  );
  await driver.start(failed);
  const ended = await stateIs(failed, 'EXITED');
  const listed = await driver.list();
  await driver.stop(served);
  await driver.stop(failed);
  const after = await stateIs(served, 'GONE');
  await stateIs(failed, 'GONE');
  const left = await driver.list();
  return { before, started, again, said, ended, listed, after, left };
}
