/** `npm run bench:health`: the part of the benchmark that is about health checks, alone, and as docs/benchmark.md has it. */
import { printTable } from '../table.ts';
import { healthAims, healthMarkdown, measureHealth, printHealth } from './health.ts';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

// What this process started is ended with it.
for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143 }))
  process.once(signal, () => process.exit(code));

const measured = await measureHealth();
printHealth(measured);
printTable('Aims', ['aim', 'bound', 'measured', 'met'], healthAims(measured));
console.log(`\n${healthMarkdown(measured)}`);
