/**
 * What the emulator needs that AWS does not: changes to the synthesized app, made by the emulated app alone.
 * docs/emulators.md lists each with the difference that it hides.
 */
import { chmod, cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IAspect } from 'aws-cdk-lib';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';

/** The functions whose error names `Retry` and the status of an execution look at. */
const named = ['run-step'];

/**
 * The emulator's Node runtime tells no error name. These functions run on a custom runtime instead, whose loop
 * (AWS: Lambda runtime API) does what the one of AWS does with an error.
 */
export class NamedErrors implements IAspect {
  visit(node: IConstruct): void {
    if (!(node instanceof CfnFunction) || !named.some((name) => isFunction(node, name))) return;
    node.runtime = 'provided.al2023';
    node.handler = 'bootstrap';
  }
}

const isFunction = (node: IConstruct, name: string): boolean =>
  node.node.path.includes(`/Functions/${name}/`);

/** The bundles with what their runtimes need, in a folder of their own. */
export async function copyBundles(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true });
  for (const name of named) {
    const bootstrap = join(to, name, 'bootstrap');
    await writeFile(bootstrap, '#!/bin/sh\nexec node "$LAMBDA_TASK_ROOT/bootstrap.mjs"\n');
    await chmod(bootstrap, 0o755);
    await cp(new URL('bootstrap.mjs', import.meta.url), join(to, name, 'bootstrap.mjs'));
  }
}
