/** The CDK app: `cdk synth -c stage=dev -c manifest=FILE`, after `npm run build`. */
import { readFile } from 'node:fs/promises';
import { App } from 'aws-cdk-lib';
import { parse } from 'yaml';
import { deploymentKeys, parseDeployment } from '../lib/deployment.ts';
import { manifestWorkflows } from '../lib/manifest-workflows.ts';
import { addOrchestrator } from '../lib/orchestrator.ts';
import { loadSchemaChecker } from '../src/runtime/schema-checker.ts';

const app = new App();
const deployment = parseDeployment(
  Object.fromEntries(deploymentKeys.map((key) => [key, app.node.tryGetContext(key)])),
);
const { schemaFaults } = await loadSchemaChecker();
const workflows = manifestWorkflows({
  document: parse(await readFile(deployment.manifest, 'utf8')),
  env: process.env,
  checkSchema: schemaFaults,
});
addOrchestrator(app, { deployment, workflows, bundles: 'dist/lambdas' });
app.synth();
