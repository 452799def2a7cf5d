/** The stacks of stage `prod`, as `npm run deploy` makes them, with empty bundles in place of the functions. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Stack } from 'aws-cdk-lib';
import { parse } from 'yaml';
import * as z from 'zod';
import { deployedManifest } from '../../../lib/deployed-manifest.ts';
import { addOrchestrator } from '../../../lib/orchestrator.ts';
import { loadSettings } from '../../../lib/settings-file.ts';

const root = new URL('../../../', import.meta.url);
const CdkJson = z.object({ context: z.record(z.string(), z.unknown()) });
const Template = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).optional() }),
  ),
});

export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Every resource of all stacks. */
export async function synthesizeStage(): Promise<Resource[]> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-costs-'));
  try {
    const bundles = join(folder, 'bundles');
    for (const name of await readdir(new URL('lambdas/', root))) {
      await mkdir(join(bundles, name), { recursive: true });
      await writeFile(join(bundles, name, 'handler.mjs'), '');
    }
    const { context } = CdkJson.parse(JSON.parse(await readFile(new URL('cdk.json', root), 'utf8')));
    const app = new App({ context, outdir: join(folder, 'cdk.out') });
    const settings = await loadSettings('prod');
    const document: unknown = parse(await readFile(new URL(settings.manifest, root), 'utf8'));
    const deployed = deployedManifest({ document, env: {}, checkSchema: () => ({ errors: [] }) });
    const stacks = addOrchestrator(app, { settings, ...deployed, bundles });
    const assembly = app.synth();
    return Object.values(stacks).flatMap((stack: Stack) =>
      resourcesOf(assembly.getStackArtifact(stack.artifactId).template),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const resourcesOf = (template: unknown): Resource[] =>
  Object.entries(Template.parse(template).Resources).map(([id, { Type, Properties = {} }]) => ({
    id,
    type: Type,
    properties: Properties,
  }));
