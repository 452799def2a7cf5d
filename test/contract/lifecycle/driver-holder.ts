/** An orchestrator to be killed: holds a process driver, starts what it is told to start, and stays. */
import { createProcessDriver } from '../../../src/lifecycle/drivers/process/process-driver.ts';

const [dataDir = '', start = ''] = process.argv.slice(2);
const driver = createProcessDriver({ dataDir, env: process.env });
process.send?.(await driver.start(JSON.parse(start)));
setInterval(() => undefined, 60_000);
