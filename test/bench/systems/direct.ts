/** The same three calls without anything between: what the others are measured against. */
import { createPlainClient } from '../plain-client.ts';
import { callService } from './called-service.ts';
import { item, type System } from './system.ts';

export function directCalls(peerPort: number): System {
  const client = createPlainClient();
  return {
    name: 'direct',
    processes: [],
    async run(delayMs) {
      const service = { peerPort, delayMs };
      const first = await callService(client, service, item);
      const second = await callService(client, service, first);
      return await callService(client, service, second);
    },
    stop: async () => client.close(),
  };
}
