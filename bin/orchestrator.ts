/** The CDK app: `cdk synth -c stage=dev`, after `npm run build`. The stage's settings are `config/<stage>.ts`. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { App } from 'aws-cdk-lib';
import { addOrchestrator } from '../lib/orchestrator.ts';
import { loadSettings } from '../lib/settings-file.ts';
import { loadSchemaChecker } from '../src/json-schema/schema-checker.ts';
import { readDeployedManifest } from './read-deployed-manifest.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const app = new App();
const settings = await loadSettings(app.node.tryGetContext('stage'));
const { schemaFaults } = await loadSchemaChecker();
const deployed = await readDeployedManifest(resolve(root, settings.manifest), {
  env: process.env,
  checkSchema: schemaFaults,
});
addOrchestrator(app, { settings, ...deployed, bundles: 'dist/lambdas' });
app.synth();
