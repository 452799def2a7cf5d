/** The variables of the example manifest (examples/email/orchestrator.yaml). */
import { join } from 'node:path';
import type { Environment } from '../src/manifest/model/manifest.ts';

/** The url of an example service that somebody else runs, and the one where its program listens by itself. */
const urls = {
  GMAIL_SERVICE_URL: 'http://127.0.0.1:8001',
  CLASSIFIER_SERVICE_URL: 'http://127.0.0.1:8002',
  GRAPH_SERVICE_URL: 'http://127.0.0.1:8003',
  NOTIFY_SERVICE_URL: 'http://127.0.0.1:8004',
};

/** What the services read that are started here (examples/email/README.md). */
const settings = ['DELAY_MS', 'MAILBOX_DIR', 'NOTIFY_FAIL', 'GRAPH_FILE'];

export const exampleVariables: readonly string[] = [...Object.keys(urls), ...settings];

interface ExampleOptions {
  readonly dataDir: string;
  /** Whether those are started here that nobody else runs. */
  readonly started: boolean;
}

/** What the manifest is given, besides what the environment says. */
export const exampleEnvironment = (env: Environment, { dataDir, started }: ExampleOptions): Environment => ({
  GRAPH_FILE: join(dataDir, 'graph.json'),
  ...(started ? {} : urls),
  ...env,
});
