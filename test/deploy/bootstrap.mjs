/** The loop of a custom runtime (AWS: Lambda runtime API): takes an event, answers it, takes the next. */
import { handler } from './handler.mjs';

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;

const post = (path, body) => fetch(`${api}/${path}`, { method: 'POST', body: JSON.stringify(body ?? null) });

for (;;) {
  const next = await fetch(`${api}/next`);
  const id = next.headers.get('lambda-runtime-aws-request-id');
  const event = await next.json();
  try {
    await post(`${id}/response`, await handler(event));
  } catch (error) {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    await post(`${id}/error`, { errorType: name, errorMessage: message, stackTrace: stack?.split('\n') });
  }
}
