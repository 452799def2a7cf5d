/** What Step Functions says of an expression that failed. (AWS: `States.QueryEvaluationError`.) */
export interface QueryFailure {
  readonly state: string;
  readonly eventId: number;
  readonly field: string;
  /** Whether the expression came to nothing, or to a value that does not fit, or threw; `untold` where nobody says so. */
  readonly kind: 'nothing' | 'unfit' | 'thrown' | 'untold';
  /** What Step Functions says of it, without JSONata's code. */
  readonly said: string;
}

export const queryFailureName = 'States.QueryEvaluationError';

const place = /executing the state '([^']+)' \(entered at the event id #(\d+)\)\./;
const reason =
  / specified for the field '([^']*)' (returned nothing|returned an un\w+ result type|threw an error during evaluation)[. ]*([\s\S]*)/;
const unparsable = / The (Seconds|Timestamp) field /;

export function queryFailureOf(cause: string): QueryFailure | undefined {
  const [, state, eventId] = place.exec(cause) ?? [];
  const [, field = unparsable.exec(cause)?.[1], what = '', said = ''] = reason.exec(cause) ?? [];
  if (state === undefined || eventId === undefined || field === undefined) return undefined;
  return {
    state,
    eventId: Number(eventId),
    field,
    kind: kindOf(what),
    said: said.replace(/^[A-Z]\d{4}: /, ''),
  };
}

function kindOf(what: string): QueryFailure['kind'] {
  if (what === 'returned nothing') return 'nothing';
  return what.startsWith('threw') ? 'thrown' : 'unfit';
}

export const timeoutName = 'States.Timeout';

/**
 * Whether Step Functions tells a failure of the definition in its own words: of an expression it quotes what it was
 * compiled to, and of a Task that took too long it does not say which.
 */
export const isUnexplained = ({ error }: { readonly error?: { readonly code: string } }): boolean =>
  error?.code === queryFailureName || error?.code === timeoutName;

/** Whether what the author of a definition wrote may be why run-step failed. */
export const isOfAuthor = (code: string): boolean =>
  code === 'step.expression-failed' || code === 'service.arguments-invalid';
