/** `npm run migrate`: takes over the data folder of a release that kept its tables with dynalite. */
import { join, resolve } from 'node:path';
import { claimDataFolder } from '../local/data-folder-lock.ts';
import { migrate } from '../local/dynamodb/migrate.ts';
import { environmentWith, LocalConfig } from '../local/local-config.ts';
import { readConfig } from '../src/runtime/read-config.ts';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
process.umask(0o077);

try {
  const dataDir = resolve(
    readConfig(LocalConfig, environmentWith('.env', process.env)).ORCHESTRATOR_DATA_DIR,
  );
  const release = claimDataFolder(dataDir);
  try {
    const path = join(dataDir, 'dynamodb');
    const copied = await migrate(path, (line) => console.log(line));
    console.log(`${copied} items are taken over. What was there before is kept in ${path}.dynalite.`);
  } finally {
    release();
  }
} catch (error) {
  console.error(`Cannot migrate: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
