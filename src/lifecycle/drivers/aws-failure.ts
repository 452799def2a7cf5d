/** What it means to a driver that a service of AWS refuses or fails. */
import * as z from 'zod';
import { OrchestratorError } from '../../base/errors.ts';
import { excerpt } from '../../transport/answer-text.ts';

const ServiceFailure = z.object({
  name: z.string(),
  message: z.string().default(''),
  $fault: z.enum(['client', 'server']).optional(),
  $metadata: z.object({ httpStatusCode: z.number().optional() }).default({}),
});

/** Who asks too much is the caller's fault too, and may ask again. */
const throttled = /throttl|toomanyrequests|requestlimitexceeded|limitexceeded/i;

/**
 * `driver.refused` where AWS says that the request is at fault, `service.throttled` where it came too often,
 * `service.failed` otherwise. `subject` begins the message.
 */
export function awsFailure(thrown: unknown, subject: string): OrchestratorError {
  if (thrown instanceof OrchestratorError) return thrown;
  const { name, message, $fault, $metadata } = ServiceFailure.safeParse(thrown).data ?? {
    name: 'no answer',
    message: '',
    $fault: undefined,
    $metadata: { httpStatusCode: undefined },
  };
  const why = `${subject}: ${name}${message === '' ? '' : `: ${excerpt(message)}`}`;
  if (throttled.test(name) || $metadata.httpStatusCode === 429)
    return new OrchestratorError('service.throttled', why, { cause: thrown });
  return new OrchestratorError($fault === 'client' ? 'driver.refused' : 'service.failed', why, {
    cause: thrown,
  });
}
