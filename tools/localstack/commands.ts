/** The commands of a deployment to LocalStack, in order, run one after the other. */
import { spawn } from 'node:child_process';
import { localAccount, localRegion } from './environment.ts';

export const localStage = 'local';

/** Apart from the assembly that is meant for AWS. */
const assembly = 'cdk.out/localstack';
export const outputsFile = `${assembly}/outputs.json`;

/** The CDK CLI of this repository, never one that is found elsewhere. */
const cdk = (...args: string[]): string[] => [
  'npm',
  'exec',
  '--no',
  '--',
  'cdk',
  ...args,
  '-c',
  `stage=${localStage}`,
  '--output',
  assembly,
];

export const deployCommands: readonly (readonly string[])[] = [
  ['npm', 'run', 'build'],
  cdk('bootstrap', `aws://${localAccount}/${localRegion}`),
  cdk('deploy', '--all', '--require-approval', 'never', '--outputs-file', outputsFile),
];

export class CommandFailed extends Error {
  constructor(
    command: readonly string[],
    /** What the process ends with: the code of the command. */
    readonly exitCode: number,
    how: string,
  ) {
    super(`${command.join(' ')} ${how}`);
  }
}

/** Stops at the first command that fails. Throws `CommandFailed`. */
export async function runCommands(
  commands: readonly (readonly string[])[],
  env: Record<string, string>,
): Promise<void> {
  for (const command of commands) {
    console.log(`\n> ${command.join(' ')}`);
    await run(command, env);
  }
}

function run(command: readonly string[], env: Record<string, string>): Promise<void> {
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: 'inherit' });
    child.once('error', (error) => reject(new CommandFailed(command, 1, `did not start: ${error.message}`)));
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new CommandFailed(command, code ?? 1, `failed: ${signal ?? `exit code ${code}`}`));
    });
  });
}
