/** The CDK app as bin/orchestrator.ts makes it, with what bridges the gap between AWS and the emulator. */
import { readFile } from 'node:fs/promises';
import { App } from 'aws-cdk-lib';
import { parse } from 'yaml';
import { deployedManifest } from '../../lib/deployed-manifest.ts';
import { addOrchestrator } from '../../lib/orchestrator.ts';
import { parseSettings } from '../../lib/settings.ts';
import { loadSchemaChecker } from '../../src/runtime/schema-checker.ts';

const app = new App();
const settings = parseSettings('emulated', {
  manifest: 'examples/email/orchestrator.yaml',
  defaultWorkflow: 'process-email',
  allowedNetworks: ['127.0.0.0/8'],
  keepData: false,
});
const { schemaFaults } = await loadSchemaChecker();
const deployed = deployedManifest({
  document: parse(await readFile(settings.manifest, 'utf8')),
  env: process.env,
  checkSchema: schemaFaults,
});
const endpoint = process.env['AWS_ENDPOINT_URL'] ?? '';
addOrchestrator(app, {
  settings,
  ...deployed,
  bundles: 'dist/lambdas',
  apiUrl: ({ restApiId }) => `${endpoint}/restapis/${restApiId}/${settings.stage}/_user_request_/`,
});
app.synth();
