/**
 * Where log lines go. They carry ids, names, codes and durations; never payloads, secrets or texts of services. Whoever
 * writes a line leaves those out, and `test/e2e/log.test.ts` looks for them; what is known for a secret by its name or
 * its form is taken out all the same (`redact.ts`). The words of fields are in docs/monitoring.md.
 */
export interface LogFields {
  /** The execution. */
  readonly workflowId?: string | undefined;
  /** The name of its definition. */
  readonly workflow?: string | undefined;
  /** With its path, as in `each/3/store`. */
  readonly step?: string | undefined;
  /** The registered service, never a function of the orchestrator. */
  readonly service?: string | undefined;
  readonly instance?: string | undefined;
  readonly requestId?: string | undefined;
  readonly traceId?: string | undefined;
  readonly [name: string]: unknown;
  /** One word each: these are `workflowId` and `service`. */
  readonly executionId?: never;
  readonly target?: never;
}

type Line = (message: string, fields?: LogFields) => void;

export interface Log {
  readonly debug: Line;
  readonly info: Line;
  readonly warn: Line;
  readonly error: Line;
}

/**
 * A log whose lines carry these too. It is handed on from call to call: to find it by the asynchronous context
 * (`AsyncLocalStorage`) takes a fifth of all CPU that an execution takes on Node 20 and 22.
 */
export const logWith = (log: Log, known: LogFields): Log => ({
  debug: (message, fields) => log.debug(message, both(known, fields)),
  info: (message, fields) => log.info(message, both(known, fields)),
  warn: (message, fields) => log.warn(message, both(known, fields)),
  error: (message, fields) => log.error(message, both(known, fields)),
});

/** As by spreading the two, in a third of the time. */
const both = (known: LogFields, fields: LogFields | undefined): LogFields => Object.assign({}, known, fields);
