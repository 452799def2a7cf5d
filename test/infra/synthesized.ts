/** Synthesizes the whole system as bin/orchestrator.ts does, with dummies in place of the bundles. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { parse } from 'yaml';
import * as z from 'zod';
import { deployedManifest } from '../../lib/deployed-manifest.ts';
import { addOrchestrator, type Stacks } from '../../lib/orchestrator.ts';
import { parseSettings, type SettingsInput } from '../../lib/settings.ts';

const fromRoot = (path: string): URL => new URL(`../../${path}`, import.meta.url);

const CdkJson = z.object({ context: z.record(z.string(), z.unknown()) });

export interface Synthesized {
  readonly stacks: Stacks;
  readonly data: Template;
  readonly workflows: Template;
  readonly api: Template;
  readonly monitoring: Template;
  /** What the validation of the synthesis wrote. */
  readonly validation: unknown;
}

export interface SynthesisInput {
  /** Stage `dev` and the shipped manifest, with what is given here on top. */
  readonly settings?: Partial<SettingsInput>;
  /** The parsed YAML of another manifest than the shipped one. */
  readonly document?: unknown;
}

/** The folders of lambdas/. */
export async function lambdaFolders(): Promise<string[]> {
  const entries = await readdir(fromRoot('lambdas/'), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

async function writeDummies(folder: string): Promise<void> {
  for (const name of await lambdaFolders()) {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, 'handler.mjs'), `export const handler = () => '${name}';\n`);
  }
}

const shippedManifest = 'examples/email/orchestrator.yaml';

const known = new Map<string, Promise<Synthesized>>();

/** Once for the same input in this process: who is given the result reads it, and changes nothing. */
export function synthesize(input: SynthesisInput = {}): Promise<Synthesized> {
  const key = JSON.stringify(input);
  const synthesized = known.get(key) ?? synthesizeAnew(input);
  known.set(key, synthesized);
  return synthesized;
}

async function synthesizeAnew({ settings, document }: SynthesisInput): Promise<Synthesized> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-infra-'));
  try {
    await writeDummies(join(folder, 'bundles'));
    const { context } = CdkJson.parse(JSON.parse(await readFile(fromRoot('cdk.json'), 'utf8')));
    const app = new App({ context, outdir: join(folder, 'cdk.out') });
    const stacks = addOrchestrator(app, {
      settings: parseSettings('dev', { manifest: shippedManifest, ...settings }),
      ...deployedManifest({
        document: document ?? parse(await readFile(fromRoot(shippedManifest), 'utf8')),
        env: {},
        checkSchema: () => ({ errors: [] }),
      }),
      bundles: join(folder, 'bundles'),
    });
    const templates = {
      data: Template.fromStack(stacks.data),
      workflows: Template.fromStack(stacks.workflows),
      api: Template.fromStack(stacks.api),
      monitoring: Template.fromStack(stacks.monitoring),
    };
    const report = await readFile(join(app.outdir, 'validation-report.json'), 'utf8');
    return { stacks, ...templates, validation: JSON.parse(report) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
