/** Invokes a function of this stage without waiting for it: Lambda queues that, and answers at once (AWS: Invoke, type Event). */
import { late } from '../base/late.ts';

export type InvokeEvent = (event: object) => Promise<void>;

/** Loaded with the first event. */
export const lateInvokeEvent = (functionName: string): InvokeEvent =>
  late(async () => {
    const { createLambdaClient } = await import('./aws-clients/lambda.ts');
    const { InvokeCommand } = await import('./aws-clients/lambda-invoke.ts');
    const client = createLambdaClient();
    return async (event: object): Promise<void> => {
      const payload = new TextEncoder().encode(JSON.stringify(event));
      await client.send(
        new InvokeCommand({ FunctionName: functionName, InvocationType: 'Event', Payload: payload }),
      );
    };
  });
