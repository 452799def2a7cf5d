/**
 * Answers CloudFormation for a custom resource (AWS: custom resource request and response objects). Whatever
 * becomes of a request, CloudFormation hears of it: it would wait for an answer otherwise.
 */
import * as z from 'zod';
import { OrchestratorError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';

export const CustomResourceRequest = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  ResponseURL: z.url(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  PhysicalResourceId: z.string().optional(),
  ResourceProperties: z.record(z.string(), z.unknown()),
  OldResourceProperties: z.record(z.string(), z.unknown()).optional(),
});
export type CustomResourceRequest = z.infer<typeof CustomResourceRequest>;

/** An answer has at most 4096 bytes, and the ids in it take less than the rest. */
const reasonBytes = 2000;
const tries = 3;
const answerWithinMs = 10_000;

/** Runs what a request asks for and answers. Throws only when no answer can be delivered. */
export async function answerCloudFormation(
  log: Log,
  request: CustomResourceRequest,
  run: () => Promise<void>,
): Promise<void> {
  const { RequestType, LogicalResourceId } = request;
  const failure = await run().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
  if (failure) log.error('custom resource failed', { RequestType, LogicalResourceId, reason: failure.stack });
  else log.info('custom resource done', { RequestType, LogicalResourceId });
  await deliver(request, {
    Status: failure ? 'FAILED' : 'SUCCESS',
    Reason: failure ? shortened(reasonOf(failure)) : '',
    StackId: request.StackId,
    RequestId: request.RequestId,
    LogicalResourceId,
    // The same one for ever: another one would tell CloudFormation to delete the resource in place of it.
    PhysicalResourceId: request.PhysicalResourceId ?? LogicalResourceId,
  });
}

const reasonOf = (failure: Error): string =>
  failure instanceof OrchestratorError ? `${failure.code}: ${failure.message}` : failure.message;

/** As much of a text as fits, written as JSON. */
function shortened(text: string): string {
  let bytes = 0;
  let kept = '';
  for (const character of text) {
    bytes += Buffer.byteLength(JSON.stringify(character)) - 2;
    if (bytes > reasonBytes) return kept;
    kept += character;
  }
  return kept;
}

/** The url is signed for this one answer, without a content type; it is never logged. */
async function deliver({ ResponseURL }: CustomResourceRequest, answer: object): Promise<void> {
  for (let turn = 1; ; turn++) {
    try {
      const response = await fetch(ResponseURL, {
        method: 'PUT',
        headers: { 'content-type': '' },
        body: JSON.stringify(answer),
        signal: AbortSignal.timeout(answerWithinMs),
      });
      if (response.ok) return;
      throw new Error(`status ${response.status}`);
    } catch (error) {
      if (turn === tries) throw new Error('CloudFormation did not take the answer', { cause: error });
    }
  }
}
