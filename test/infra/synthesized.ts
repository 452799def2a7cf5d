/** Synthesizes the whole system as bin/orchestrator.ts does, with dummies in place of the bundles. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { parse } from 'yaml';
import * as z from 'zod';
import { parseDeployment } from '../../lib/deployment.ts';
import { manifestWorkflows } from '../../lib/manifest-workflows.ts';
import { addOrchestrator, type Stacks } from '../../lib/orchestrator.ts';

const fromRoot = (path: string): URL => new URL(`../../${path}`, import.meta.url);

const CdkJson = z.object({ context: z.record(z.string(), z.unknown()) });

export interface Synthesized {
  readonly stacks: Stacks;
  readonly data: Template;
  readonly service: Template;
  /** What the validation of the synthesis wrote. */
  readonly validation: unknown;
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

/** The shipped manifest, stage `dev`, and whatever the context adds. */
export async function synthesize(context: Readonly<Record<string, unknown>> = {}): Promise<Synthesized> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-infra-'));
  try {
    await writeDummies(join(folder, 'bundles'));
    const cdkJson = CdkJson.parse(JSON.parse(await readFile(fromRoot('cdk.json'), 'utf8')));
    const app = new App({ context: cdkJson.context, outdir: join(folder, 'cdk.out') });
    const document: unknown = parse(await readFile(fromRoot('examples/email/orchestrator.yaml'), 'utf8'));
    const stacks = addOrchestrator(app, {
      deployment: parseDeployment({ ...cdkJson.context, ...context }),
      workflows: manifestWorkflows({ document, env: {}, checkSchema: () => [] }),
      bundles: join(folder, 'bundles'),
    });
    const data = Template.fromStack(stacks.data);
    const service = Template.fromStack(stacks.service);
    const report = await readFile(join(app.outdir, 'validation-report.json'), 'utf8');
    return { stacks, data, service, validation: JSON.parse(report) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
