/** The newest version of a workflow, for which an input is valid: what every start begins with. */
import { type CountedFaults, OrchestratorError } from '../base/errors.ts';
import { faultsText } from '../base/faults.ts';
import type { CheckContext } from './context.ts';
import type { WorkflowHead } from './model/workflow-records.ts';

type Context = Pick<CheckContext, 'workflows' | 'schemas'>;

/** Throws `workflow.not-found`, `workflow.archived`, or `workflow.input-invalid` with every fault. */
export async function checkedWorkflow(context: Context, name: string, input: unknown): Promise<WorkflowHead> {
  const workflow = await context.workflows.head(name);
  if (!workflow) throw unknownWorkflow(name);
  if (workflow.archivedAt !== undefined) throw archived(name, workflow.archivedAt);
  await checkInput(context, workflow, input);
  return workflow;
}

const unknownWorkflow = (name: string): OrchestratorError =>
  new OrchestratorError(
    'workflow.not-found',
    `There is no workflow ${name}; list_workflow_definitions shows them`,
  );

const archived = (name: string, since: string): OrchestratorError =>
  new OrchestratorError(
    'workflow.archived',
    `${name} was archived at ${since} and takes no new starts; define_workflow brings it back`,
  );

async function checkInput(
  context: Context,
  { name, inputSchema }: WorkflowHead,
  input: unknown,
): Promise<void> {
  const { errors, moreErrors = 0 } = await inputFaults(context, inputSchema, input);
  if (errors.length === 0) return;
  throw new OrchestratorError(
    'workflow.input-invalid',
    `The input of ${name} is not valid: ${faultsText(errors)}`,
    { errors, moreErrors },
  );
}

/** What is wrong with an input, with paths that begin with `input`. */
export async function inputFaults(
  context: Pick<CheckContext, 'schemas'>,
  inputSchema: WorkflowHead['inputSchema'],
  input: unknown,
): Promise<CountedFaults> {
  if (!inputSchema) return { errors: [] };
  const { valueFaults } = await context.schemas(inputSchema);
  const counted = valueFaults(inputSchema, input);
  const errors = counted.errors.map(({ path, message }) => ({
    path: path === '' || path.startsWith('[') ? `input${path}` : `input.${path}`,
    message,
  }));
  return { ...counted, errors };
}
