/** A child process that is started again on its port when it dies, at most so often; each time it is told in one line. */
import { type Child, type ChildProgram, startChild } from './child-process.ts';

const [mostDeaths, withinMs] = [5, 60_000];
/** An end that somebody asked it for, such as with Ctrl-C. */
const asked = 'with code 0';

export async function startKeptChild(program: ChildProgram): Promise<Pick<Child, 'port' | 'stop'>> {
  let child = await startChild(program);
  const { port } = child;
  let deaths: number[] = [];
  let stopped = false;
  let starting: Promise<void> = Promise.resolve();

  const startAgain = async (): Promise<void> => {
    child = await startChild({ ...program, env: { ...program.env, PORT: String(port) } });
    watch();
  };
  const died = (how: string): void => {
    if (stopped || how === asked) return;
    deaths = [...deaths.filter((at) => performance.now() - at < withinMs), performance.now()];
    const again = deaths.length <= mostDeaths;
    const what = again
      ? 'it is started again'
      : `for the ${deaths.length}th time within a minute, it stays ended`;
    console.error(`${program.name} ended ${how}: ${what}.`);
    // One that does not start says so: it stays ended.
    if (again) starting = startAgain().catch((error: unknown) => console.error(String(error)));
  };
  const watch = (): void => void child.died.then(died);

  watch();
  const stop = async (): Promise<void> => {
    stopped = true;
    await starting;
    await child.stop();
  };
  return { port, stop };
}
