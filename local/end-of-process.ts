/** What ends the process of the system: who started it, a signal, or a fault that nothing caught. */

/** Told to start.mjs, which starts the system again. */
const diedOfFault = 70;

/**
 * A terminal sends Ctrl-C to everybody, and npm and start.mjs pass it on: what is told again while the process ends
 * must not cut the end short.
 */
export function onRequestToEnd(end: () => void): void {
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  process.on('message', (message) => {
    if (message === 'end') end();
  });
  const abandoned = (): void => {
    console.error('The process that started the system is gone: it ends.');
    end();
  };
  process.once('disconnect', abandoned);
  // It may have gone while the modules were loading.
  if (process.connected === false) abandoned();
  process.channel?.unref();
}

/** Whoever read what the system says has gone (`npm start | head`): it has more to do than to talk. */
export function talkOnWithoutListeners(): void {
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
}

/** Says it in one line and ends at once: nothing is known any more of what is in memory, and all that was acknowledged is kept. */
export function onDeath(): void {
  process.on('uncaughtException', (error: unknown) => {
    console.error(`The system ends by a fault of its own: ${inOneLine(error)}`);
    process.exit(diedOfFault);
  });
}

function inOneLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = error.stack?.split('\n').find((line) => /^\s+at /.test(line));
  return [`${error.name}: ${error.message.split('\n')[0]}`, place?.trim()].filter(Boolean).join(', ');
}
