/** Writes the generated documents: `npm run generate`. A test fails when they are not what the code says. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { parseManifest } from '../src/manifest/model/manifest.ts';
import { readYaml } from '../src/manifest/read-yaml.ts';
import type { Operation, OperationTable } from '../src/operation/operation.ts';
import { version } from '../src/runtime/version.ts';
import { renderTools } from '../src/surfaces/mcp/mcp-tools.ts';
import { renderOpenApi } from '../src/surfaces/openapi/openapi.ts';
import { operations } from '../src/surfaces/operations.ts';
import { renderRoutes } from '../src/surfaces/routes.ts';
import { compileWorkflow } from '../src/workflows/compiler/compile.ts';
import { validateWorkflow } from '../src/workflows/compiler/validate.ts';
import { renderWorkflowSchema } from '../src/workflows/definition/definition.ts';

/** A DefinitionSubstitutions placeholder, as CloudFormation has them. */
const runStepFunction = '$' + '{RunStepFunction}';

/** The content of each generated file under docs/, by its path there. */
export async function generatedDocuments(): Promise<Map<string, unknown>> {
  const all = await loaded(operations);
  return new Map<string, unknown>([
    ['openapi.json', renderOpenApi(all, version)],
    ['mcp-tools.json', renderTools(all)],
    ['routes.json', renderRoutes(all)],
    ['workflow.schema.json', renderWorkflowSchema()],
    ...(await shippedAsl()),
  ]);
}

async function loaded(table: OperationTable): Promise<Operation[]> {
  return Promise.all(
    [...table].map(async ([id, load]) => {
      const operation = await load();
      if (operation.id !== id) throw new Error(`The operation table has ${operation.id} as ${id}`);
      return operation;
    }),
  );
}

async function shippedAsl(): Promise<[string, unknown][]> {
  const text = await readFile(new URL('../examples/email/orchestrator.yaml', import.meta.url), 'utf8');
  const { workflows } = parseManifest((await readYaml(text)).value, {});
  return workflows.map((workflow) => {
    const validation = validateWorkflow(workflow, {});
    if (!validation.ok)
      throw new Error(`${workflow.name} is not valid: ${JSON.stringify(validation.errors)}`);
    const asl = compileWorkflow(validation.definition, { runStepFunction });
    return [`asl/${workflow.name}.asl.json`, asl];
  });
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const docs = new URL('../docs/', import.meta.url);
  await mkdir(new URL('asl/', docs), { recursive: true });
  for (const [path, content] of await generatedDocuments()) {
    await writeFile(new URL(path, docs), `${JSON.stringify(content, null, 2)}\n`);
  }
}
