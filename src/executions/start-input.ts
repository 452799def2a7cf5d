/** What a start takes, for every operation that starts a workflow. */
import * as z from 'zod';
import { type Fault, OrchestratorError } from '../base/errors.ts';
import { faultsText } from '../base/faults.ts';
import { Name } from '../registry/services/model/service-terms.ts';
import { IdempotencyKey, LabelMap } from './execution-shapes.ts';

export const startFields = {
  workflow: Name.optional().describe('Name of the workflow; the default workflow when left out'),
  input: z
    .unknown()
    .optional()
    .describe('Input of the workflow; with neither workflow nor input, all other fields are the input'),
  idempotencyKey: IdempotencyKey.optional(),
  labels: LabelMap.optional(),
};

interface Named {
  readonly workflow?: string | undefined;
  readonly input?: unknown;
}

interface Wanted {
  readonly name: string;
  readonly input: unknown;
}

/** Which workflow is meant, and its input. Throws `request.invalid` when there are other fields beside either. */
export function wantedStart(
  { defaultWorkflow }: { readonly defaultWorkflow: string | undefined },
  { workflow, input }: Named,
  others: Readonly<Record<string, unknown>>,
): Wanted {
  const name = workflow ?? defaultWorkflow;
  if (name === undefined)
    throw invalid([{ path: 'workflow', message: 'is needed: no default workflow is configured' }]);
  if (workflow === undefined && input === undefined) return { name, input: others };
  const unknown = Object.keys(others).map((path) => ({
    path,
    message: 'is not a known field; put it into input',
  }));
  if (unknown.length > 0) throw invalid(unknown);
  return { name, input: input ?? {} };
}

const invalid = (errors: Fault[]): OrchestratorError =>
  new OrchestratorError('request.invalid', faultsText(errors), { errors });
