/** What it means that the engine refuses, fails or is not there. */
import * as z from 'zod';
import { OrchestratorError } from '../../../base/errors.ts';
import { excerpt } from '../../../transport/answer-text.ts';

const EngineFailure = z.object({
  statusCode: z.number().optional(),
  code: z.string().optional(),
  /** Such as `(HTTP code 404) no such container - …`. */
  message: z.string().optional(),
  json: z.object({ message: z.string(), cause: z.string().optional() }).optional().catch(undefined),
});

const partsOf = (thrown: unknown): z.infer<typeof EngineFailure> =>
  EngineFailure.safeParse(thrown).data ?? {};

export const statusOf = (thrown: unknown): number | undefined => partsOf(thrown).statusCode;

/** Podman answers 500 of one that is just being removed. */
export function isMissing(thrown: unknown): boolean {
  const { statusCode, json } = partsOf(thrown);
  return statusCode === 404 || json?.cause === 'no such container';
}

/** `service.rejected` where the engine refuses, `service.failed` where it fails, `service.unreachable` where it is not there. */
export function engineError(thrown: unknown, socketPath: string): OrchestratorError {
  if (thrown instanceof OrchestratorError) return thrown;
  const { statusCode, code, json, message = '' } = partsOf(thrown);
  if (statusCode === undefined)
    return new OrchestratorError(
      'service.unreachable',
      `No container engine answers at ${socketPath}${code ? ` (${code})` : ''}`,
      { cause: thrown },
    );
  return new OrchestratorError(
    statusCode < 500 ? 'service.rejected' : 'service.failed',
    `The container engine answered ${statusCode}: ${excerpt(json?.message ?? message.replace(/^\(HTTP code \d+\) .*? - /, ''))}`,
    { cause: thrown },
  );
}
