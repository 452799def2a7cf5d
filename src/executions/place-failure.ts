/**
 * Says of what a step could not evaluate or send where in the definition it stands, and what its author wrote there:
 * run-step knows only the values. Best effort: where the definition cannot be read, the error stays as it is.
 */
import { type Fault, OrchestratorError } from '../base/errors.ts';
import { faultsText } from '../base/faults.ts';
import { shortened } from '../expressions/model/describe-value.ts';
import { isExpression, isWithin, sourceOf, textsOf } from '../expressions/model/template.ts';
import { type WalkedStep, walkSteps } from '../workflows/definition/steps.ts';
import type { ExecutionContext } from './context.ts';
import type { Execution, Failure } from './model/execution.ts';

/** What run-step says of its own evaluations begins with the field of the step. */
const field = /^(?:call|select|compensate|approval|workflow)\b/;
const longestSource = 300;

export interface Failed {
  readonly execution: Pick<Execution, 'workflow' | 'version'>;
  /** The id of the step. */
  readonly step: string;
}

type PlaceContext = Pick<ExecutionContext, 'definitions' | 'log'>;

export async function placeError(
  context: PlaceContext,
  failed: Failed,
  error: OrchestratorError,
): Promise<OrchestratorError> {
  const walked = await walkedStep(context, failed);
  const faults = error.errors.filter(({ path }) => path.startsWith('request.') || field.test(path));
  if (walked === undefined) return error;
  if (faults.length === 0 || faults.length < error.errors.length)
    return withMessage(error, placedText(walked, error.message));
  const errors = faults.map((fault) => placedFault(walked, fault));
  return withMessage(
    error,
    error.message.replace(faultsText(error.errors), () => faultsText(errors)),
    errors,
  );
}

/** The same of the error of an undo that could not be prepared. */
export async function placeFailure(
  context: PlaceContext,
  failed: Failed,
  failure: Failure,
): Promise<Failure> {
  const walked = await walkedStep(context, failed);
  return walked ? { ...failure, message: placedText(walked, failure.message) } : failure;
}

async function walkedStep(
  { definitions, log }: PlaceContext,
  { execution, step }: Failed,
): Promise<WalkedStep | undefined> {
  try {
    const definition = await definitions.of(execution);
    return definition && [...walkSteps(definition)].find(({ id }) => id === step);
  } catch (thrown) {
    log.warn('failure not placed', { step, error: thrown instanceof Error ? thrown.name : 'unknown' });
    return undefined;
  }
}

const placedText = ({ path }: WalkedStep, message: string): string =>
  field.test(message) ? `${path}.${message}` : message;

function placedFault({ step, path }: WalkedStep, { path: at, message }: Fault): Fault {
  const inStep = at.startsWith('request.') ? `call.${at}` : at;
  const texts = 'call' in step ? [...textsOf(step.call, 'call')] : [];
  const written = texts.find(({ path, text }) => isExpression(text) && isWithin(inStep, path));
  const source = written && `{% ${shortened(sourceOf(written.text), longestSource)} %} `;
  return { path: `${path}.${inStep}`, message: `${source ?? ''}${message}` };
}

const withMessage = (
  error: OrchestratorError,
  message: string,
  errors: readonly Fault[] = error.errors,
): OrchestratorError =>
  new OrchestratorError(error.code, message, { errors, effect: error.effect, cause: error });
