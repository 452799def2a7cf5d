/** Deploys all stacks to LocalStack, as stage `local`: `npm run deploy:localstack`. See docs/localstack.md. */
import { CommandFailed, deployCommands, outputsFile, runCommands } from './localstack/commands.ts';
import { describeDeployed, readOutputs } from './localstack/deployed.ts';
import { localStackEnvironment } from './localstack/environment.ts';
import { awaitLocalStack } from './localstack/health.ts';
import { readSettings } from './localstack/settings.ts';

try {
  const settings = readSettings(process.env);
  console.log(`LocalStack at ${settings.endpoint}; waiting for it, at most ${settings.waitSeconds} s ...`);
  const { version = 'of an unknown version' } = await awaitLocalStack(settings);
  console.log(`LocalStack ${version} answers.`);
  await runCommands(deployCommands, localStackEnvironment(process.env, settings.endpoint));
  console.log(`\n${describeDeployed(await readOutputs(outputsFile), settings.endpoint)}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof CommandFailed ? error.exitCode : 1;
}
