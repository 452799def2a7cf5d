/** What a webhook answers: how an instance is, or where that can be read. */
import * as z from 'zod';
import { OrchestratorError } from '../../../base/errors.ts';
import { faultsOf, faultsText } from '../../../base/faults.ts';
import { ServiceUrl } from '../../../registry/services/model/service-terms.ts';
import { parseJson } from '../../../transport/answer-text.ts';
import type { EgressResponse } from '../../../transport/egress-request.ts';

const shownLines = 50;
const shownCharacters = 1_000;

const WebhookAnswer = z.object({
  state: z.enum(['PENDING', 'RUNNING', 'EXITED', 'GONE']).optional(),
  url: ServiceUrl.optional(),
  ref: z.string().min(1).max(512).optional(),
  statusUrl: z.string().max(2048).optional(),
  exit: z
    .object({
      how: z.string().max(shownCharacters),
      lastLines: z
        .array(z.string())
        .transform((lines) => lines.slice(-shownLines).map((line) => line.slice(0, shownCharacters)))
        .optional(),
    })
    .optional(),
});
type WebhookAnswer = z.infer<typeof WebhookAnswer>;

/** An empty answer says that it was accepted, and nothing else. */
export function parseAnswer({ text }: EgressResponse, subject: string): WebhookAnswer {
  if (text.trim() === '') return {};
  const parsed = WebhookAnswer.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw badAnswer(subject, faultsText(faultsOf(parsed.error)));
}

export const badAnswer = (subject: string, why: string): OrchestratorError =>
  new OrchestratorError('service.bad-response', `${subject} answered what is not documented: ${why}`);
