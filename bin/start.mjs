/**
 * `npm start`: runs the system (local.ts) as a process of its own, and starts it again when it dies, by a signal that
 * nobody sent through here or by a fault of its own. It knows nothing else, so that little in it can die. Plain
 * JavaScript, since it need not wait for tsx. What the system ends with by itself, it ends with too (ADR 28).
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./local.ts', import.meta.url));
/** Megabytes; half of what V8 takes by itself, at the same speed. */
const youngGeneration = '--max-semi-space-size=8';
const args = [
  ...process.execArgv,
  youngGeneration,
  '--import',
  import.meta.resolve('tsx'),
  program,
  ...process.argv.slice(2),
];

/** What the system ends with after a fault that nothing caught. From 128 on Node and Windows tell of signals. */
const diedOfFault = 70;
const [mostDeaths, withinMs] = [5, 60_000];
/** By which people and machines ask for an end; the terminal sends the first to the system too. */
const asks = ['SIGINT', 'SIGTERM'];

/** When it died, within the last minute. */
let deaths = [];
let askedToEnd = false;
let system;

function start() {
  system = spawn(process.execPath, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  system.once('error', (error) => {
    console.error(`Cannot start: ${error.message}`);
    process.exitCode = 1;
  });
  system.once('exit', ended);
}

function ended(code, signal) {
  const died = signal === null ? code === diedOfFault || code >= 128 : !asks.includes(signal);
  // What it says while it is started again may come of what it left behind: its ports, a moment longer.
  const again = died || (code === 1 && deaths.length > 0);
  if (askedToEnd || !again) return endWith(code ?? 128 + constants.signals[signal]);
  const how = signal === null ? `with code ${code}` : `by ${signal}`;
  deaths = [...deaths.filter((at) => performance.now() - at < withinMs), performance.now()];
  if (deaths.length > mostDeaths) {
    console.error(
      `The system ended ${how}, for the ${deaths.length}th time within a minute: it is not started again. What it said before tells why; \`npm start\` goes on where it was.`,
    );
    return endWith(diedOfFault);
  }
  console.error(`The system ended ${how}: it is started again and goes on where it was.`);
  start();
}

/** Not at once: what was said goes out first, and nothing is left that this would wait for. */
function endWith(code) {
  process.exitCode = code;
}

function passOn() {
  if (askedToEnd) return;
  askedToEnd = true;
  // Over the channel it is heard on Windows too, and when modules still load. It may be gone already.
  if (system.connected) system.send('end', () => {});
}

// Nobody may read any more what it says.
process.stderr.on('error', () => {});
for (const signal of asks) process.on(signal, passOn);
start();
