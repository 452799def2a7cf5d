/** The synthesized app, deployed and destroyed with the CDK's command line as its users do it. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';
import { createSecretReader } from '../../src/aws/secrets.ts';
import { copyBundles } from './bridges.ts';
import type { Emulator } from './ministack.ts';

export interface Deployment {
  /** Where the API answers, without a slash at the end. */
  readonly api: string;
  readonly mcp: string;
  readonly adminKey: string;
}

export interface Cdk {
  /** Deploys this manifest; throws what the command line says when it fails. */
  deploy(manifest: string): Promise<Deployment>;
  destroy(): Promise<void>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const cli = join(root, 'node_modules/aws-cdk/bin/cdk');
const app = `"${process.execPath}" --import tsx test/deploy/emulated-app.ts`;
const environment = 'aws://000000000000/us-east-1';
const commandMs = 300_000;

const Outputs = z.object({
  'orchestrator-emulated-api': z.object({ Rest: z.url(), Mcp: z.url(), AdminKeySecret: z.string() }),
});

/** Bootstraps the emulator, with everything that is written in a folder. Needs the bundles of `npm run build`. */
export async function startCdk(emulator: Emulator, folder: string): Promise<Cdk> {
  const bundles = join(folder, 'bundles');
  await copyBundles(join(root, 'dist/lambdas'), bundles);
  const common = { ...emulator.env, EMULATED_BUNDLES: bundles, CDK_DISABLE_VERSION_CHECK: 'true' };
  let manifest = join(root, 'examples/email/orchestrator.yaml');
  const cdk = async (...args: string[]): Promise<void> => {
    const all = [...args, '--app', app, '--ci', '--no-notices'];
    const env = { ...common, EMULATED_MANIFEST: manifest };
    await promisify(execFile)(process.execPath, [cli, ...all], { cwd: root, env, timeout: commandMs }).catch(
      (error: { stdout?: string; stderr?: string }) => {
        throw new Error(
          `cdk ${args[0]} failed: ${error.stdout?.slice(-3000)}\n${error.stderr?.slice(-3000)}`,
        );
      },
    );
  };
  // An output folder of its own: bootstrapping writes one without bundles.
  await cdk('bootstrap', environment, '--output', join(folder, 'bootstrap.out'));
  const outputs = join(folder, 'outputs.json');
  const output = ['--output', join(folder, 'cdk.out')];
  return {
    async deploy(wanted) {
      manifest = wanted;
      await cdk('deploy', '--all', '--require-approval', 'never', '--outputs-file', outputs, ...output);
      return deployed(emulator, outputs);
    },
    destroy: () => cdk('destroy', '--all', '--force', ...output),
  };
}

async function deployed({ endpoint, env }: Emulator, file: string): Promise<Deployment> {
  const outputs = Outputs.parse(JSON.parse(await readFile(file, 'utf8')));
  const { Rest, Mcp, AdminKeySecret } = outputs['orchestrator-emulated-api'];
  const readSecret = createSecretReader({
    region: 'us-east-1',
    endpoint,
    credentials: {
      accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
    },
  });
  return { api: Rest.replace(/\/$/, ''), mcp: Mcp, adminKey: await readSecret(AdminKeySecret) };
}
