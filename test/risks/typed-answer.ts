/** That a request has an answer whose kind is documented: a result, or an error of the catalogue that is no fault of ours. */
import { expect } from 'vitest';
import * as z from 'zod';
import { sendRaw } from './hostile-input.ts';

const Problem = z.looseObject({
  code: z.string().regex(/^[a-z]+\.[a-z-]+$/),
  status: z.number(),
  title: z.string(),
});

/** Only what a service did may be a failure of the server. */
function expectCode({ code, status }: z.infer<typeof Problem>): void {
  expect(code).not.toBe('internal.error');
  if (!code.startsWith('service.')) expect(status).toBeLessThan(500);
}

export function expectTyped(status: number, body: unknown): void {
  if (status < 300) return;
  const problem = Problem.parse(body);
  expectCode(problem);
  expect(problem.status).toBe(status);
}

export async function expectTypedAnswer(url: string, options: Parameters<typeof sendRaw>[1]): Promise<void> {
  const { status, body } = await sendRaw(url, options);
  expectTyped(status, body);
}

export const Rpc = z.object({
  result: z
    .looseObject({
      isError: z.boolean().optional(),
      _meta: z.object({ 'orchestrator/error': Problem }).optional(),
    })
    .optional(),
  error: z.looseObject({ code: z.number(), message: z.string() }).optional(),
});

export const toolCall = (operation: string, input: unknown) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: operation, arguments: input },
});

export async function expectTypedMessage(api: string, body: string): Promise<void> {
  const answer = await sendRaw(`${api}/mcp`, {
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body,
  });
  expect(answer.status).toBeLessThan(500);
  if (answer.status === 202) return;
  // A batch is answered with a list.
  for (const one of [answer.body].flat()) {
    const { result, error } = Rpc.parse(one);
    expect(error?.code ?? 0).not.toBe(-32603);
    const problem = result?._meta?.['orchestrator/error'];
    if (result?.isError && problem !== undefined) expectCode(problem);
  }
}
