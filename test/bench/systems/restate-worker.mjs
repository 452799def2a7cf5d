/**
 * The three steps as a service of Restate, in a process of its own: each step is a `ctx.run`, whose result is
 * journalled. The SDK is not among the dependencies; the first argument is the folder where it is installed.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createPlainClient } from '../plain-client.ts';
import { callService } from './called-service.ts';

/** What the SDK takes from Node 22, for Node 20. */
Promise.withResolvers ??= () => {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};

const [folder, peerPort] = process.argv.slice(2);
const restate = createRequire(join(folder, 'package.json'))('@restatedev/restate-sdk');
const client = createPlainClient();

const bench = restate.service({
  name: 'bench',
  handlers: {
    async threeSteps(ctx, { delayMs, item }) {
      const service = { peerPort, delayMs };
      const first = await ctx.run('first', () => callService(client, service, item));
      const second = await ctx.run('second', () => callService(client, service, first));
      return await ctx.run('third', () => callService(client, service, second));
    },
  },
});

process.once('SIGTERM', () => process.exit(0));
process.once('disconnect', () => process.exit(0));
const port = await restate.serve({ services: [bench], port: 0 });
process.send?.({ listening: port });
