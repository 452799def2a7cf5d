/** The CDK app as bin/orchestrator.ts makes it, with what bridges the gap between AWS and the emulator. */
import { readFile } from 'node:fs/promises';
import { App, Aspects, CliCredentialsStackSynthesizer } from 'aws-cdk-lib';
import { parse } from 'yaml';
import * as z from 'zod';
import { deployedManifest } from '../../lib/deployed-manifest.ts';
import { addOrchestrator } from '../../lib/orchestrator.ts';
import { parseSettings } from '../../lib/settings.ts';
import { loadSchemaChecker } from '../../src/json-schema/schema-checker.ts';
import { NamedErrors, SecretArns } from './bridges.ts';

const environment = z
  .object({
    AWS_ENDPOINT_URL: z.url(),
    /** The folder with the bundles. */
    EMULATED_BUNDLES: z.string(),
    /** Path of the manifest. */
    EMULATED_MANIFEST: z.string(),
  })
  .parse(process.env);
const { AWS_ENDPOINT_URL: endpoint, EMULATED_BUNDLES: bundles } = environment;

const app = new App({
  // The roles of the bootstrap are refused where policies count: the emulator lacks what theirs rest on.
  // @ts-expect-error aws-cdk-lib is not made for exactOptionalPropertyTypes.
  defaultStackSynthesizer: new CliCredentialsStackSynthesizer(),
});
const settings = parseSettings('emulated', {
  manifest: environment.EMULATED_MANIFEST,
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
for (const bridge of [new NamedErrors(), new SecretArns()]) Aspects.of(app).add(bridge);
app.synth();
