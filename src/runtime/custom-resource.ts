/**
 * Answers CloudFormation for a custom resource (AWS: custom resource request and response objects). Whatever
 * becomes of a request, CloudFormation hears of it: it would wait for an answer otherwise.
 */
import * as z from 'zod';
import type { Log } from '../domain/log.ts';

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

/** An answer has at most 4096 bytes. */
const reasonLength = 1500;
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
    Reason: failure?.message.slice(0, reasonLength) ?? '',
    StackId: request.StackId,
    RequestId: request.RequestId,
    LogicalResourceId,
    // The same one for ever: another one would tell CloudFormation to delete the resource in place of it.
    PhysicalResourceId: request.PhysicalResourceId ?? LogicalResourceId,
  });
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
