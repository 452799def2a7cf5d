/**
 * Starts one function as Lambda does, in this process: imports the bundle, hands it one event, and says what that
 * took. It imports nothing itself and runs without tsx, so that what is measured is the bundle.
 */
const [handlerUrl, event] = process.argv.slice(2);
const input = JSON.parse(event);

const milliseconds = ({ user, system }) => (user + system) / 1000;

const boot = process.cpuUsage();
const began = performance.now();
const { handler } = await import(handlerUrl);
const importMs = performance.now() - began;
const imported = process.cpuUsage(boot);
const answer = await handler(input);
const answered = process.cpuUsage(boot);

const measured = {
  answer: answer ?? null,
  bootCpuMs: milliseconds(boot),
  importMs,
  importCpuMs: milliseconds(imported),
  cpuMs: milliseconds(answered),
};
process.stdout.write(`\n${JSON.stringify(measured)}\n`, () => process.exit(0));
