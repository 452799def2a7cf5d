/** The CDK app as bin/orchestrator.ts makes it, with what bridges the gap between AWS and the emulator. */
import { readFile } from 'node:fs/promises';
import { App, Aspects } from 'aws-cdk-lib';
import { parse } from 'yaml';
import * as z from 'zod';
import { deployedManifest } from '../../lib/deployed-manifest.ts';
import { addOrchestrator } from '../../lib/orchestrator.ts';
import { parseSettings } from '../../lib/settings.ts';
import { loadSchemaChecker } from '../../src/runtime/schema-checker.ts';
import { NamedErrors } from './bridges.ts';

const { AWS_ENDPOINT_URL: endpoint, EMULATED_BUNDLES: bundles } = z
  .object({ AWS_ENDPOINT_URL: z.url(), EMULATED_BUNDLES: z.string() })
  .parse(process.env);

const app = new App();
const settings = parseSettings('emulated', {
  manifest: 'examples/email/orchestrator.yaml',
  defaultWorkflow: 'process-email',
  // The example services listen on loopback; every other special range stays refused.
  allowedNetworks: ['127.0.0.0/8'],
  keepData: false,
  alarmEmail: 'alarms@example.org',
});
const { schemaFaults } = await loadSchemaChecker();
const deployed = deployedManifest({
  document: parse(await readFile(settings.manifest, 'utf8')),
  env: process.env,
  checkSchema: schemaFaults,
});
addOrchestrator(app, {
  settings,
  ...deployed,
  bundles,
  apiUrl: ({ restApiId }) => `${endpoint}/restapis/${restApiId}/${settings.stage}/_user_request_/`,
});
Aspects.of(app).add(new NamedErrors());
app.synth();
