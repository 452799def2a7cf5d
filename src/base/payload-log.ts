/**
 * Whose payloads are logged, as `LOG_PAYLOADS` names them, and how: without what is known for a secret, and cut where
 * they are long.
 */
import type { Log, LogFields } from './log.ts';
import { redactValue } from './redact.ts';

interface Whose {
  readonly workflow?: string | undefined;
  readonly service?: string | undefined;
}

/** Logs the payloads of a workflow or a service that is named; does nothing for all others. */
export type LogPayloads = (whose: Whose, log: Log, fields: LogFields) => void;

const longest = 16_384;

/** `named`: such as `workflow:process-email` and `service:gmail`. */
export function createPayloadLog(named: readonly string[]): LogPayloads {
  const all = new Set(named);
  return ({ workflow, service }, log, { payload, ...fields }) => {
    if (all.has(`workflow:${workflow}`) || all.has(`service:${service}`))
      log.info('payload', { ...fields, workflow, service, payload: shortened(redactValue(payload)) });
  };
}

/** As it is, or the beginning of its text. */
function shortened(payload: unknown): unknown {
  const text = JSON.stringify(payload) ?? '';
  if (text.length <= longest) return payload;
  return { cut: text.slice(0, longest), characters: text.length };
}
