/** The CDK app: `cdk synth -c stage=dev`, after `npm run build`. The stage's settings are `config/<stage>.ts`. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { App } from 'aws-cdk-lib';
import { deployedManifest } from '../lib/deployed-manifest.ts';
import { addOrchestrator } from '../lib/orchestrator.ts';
import { loadSettings } from '../lib/settings-file.ts';
import { readYaml } from '../src/operations/read-yaml.ts';
import { loadSchemaChecker } from '../src/runtime/schema-checker.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const app = new App();
const settings = await loadSettings(app.node.tryGetContext('stage'));
const { schemaFaults } = await loadSchemaChecker();
const { value: document } = await readYaml(await readFile(resolve(root, settings.manifest), 'utf8'));
const deployed = deployedManifest({
  document,
  env: process.env,
  checkSchema: schemaFaults,
});
addOrchestrator(app, { settings, ...deployed, bundles: 'dist/lambdas' });
app.synth();
