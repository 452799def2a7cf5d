/**
 * The health check of a container: `node bin/health-check.mjs [PATH]` asks the service on this machine's `PORT`
 * (default 8000) for PATH (default /healthz). Exit code 0 when it answers 2xx within 4 s, else 1 and why.
 * Plain JavaScript, since it runs every few seconds and tsx would take most of its time.
 */
const [path = '/healthz'] = process.argv.slice(2);
const url = `http://127.0.0.1:${process.env.PORT || 8000}${path}`;

try {
  const { ok, status } = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(4000) });
  if (!ok) throw new Error(`it answered ${status}`);
} catch (error) {
  console.error(`${url} is not healthy: ${error.cause?.message ?? error.message}`);
  process.exit(1);
}
process.exit(0);
