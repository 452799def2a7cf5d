/** `npm run bench:instances`: the part of the benchmark that is about instances, alone, and as docs/benchmark.md has it. */
import { printTable } from '../table.ts';
import { lifecycleAims, lifecycleMarkdown, measureLifecycle, printLifecycle } from './lifecycle.ts';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

// What this process started is ended with it.
for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143 }))
  process.once(signal, () => process.exit(code));

const measured = await measureLifecycle();
printLifecycle(measured);
printTable('Aims', ['aim', 'bound', 'measured', 'met'], lifecycleAims(measured));
console.log(`\n${lifecycleMarkdown(measured)}`);
