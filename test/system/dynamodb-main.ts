/**
 * Many embedded DynamoDBs in one process, each on a port and a folder of its own: over IPC it is asked to open one, and
 * to close what listens on a port. Ends with its parent.
 */
import type { Server } from 'node:http';
import dynalite from 'dynalite';
import { guardDynalite } from '../../local/dynamodb/guard-dynalite.ts';
import { Order } from './dynamodb-orders.ts';

const servers = new Map<number, Server>();

function open({ id, path, accessKey }: Extract<Order, { path: string }>): void {
  const server = dynalite({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  guardDynalite(server, accessKey);
  server.once('error', ({ message }) => process.send?.({ id, error: message }));
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    servers.set(port, server);
    process.send?.({ id, port });
  });
}

function close({ id, port }: Extract<Order, { port: number }>): void {
  const server = servers.get(port);
  servers.delete(port);
  server?.close(() => process.send?.({ id, port }));
  server?.closeAllConnections();
}

process.on('message', (message) => {
  const order = Order.parse(message);
  if ('path' in order) open(order);
  else close(order);
});
process.once('disconnect', () => process.exit(0));
process.send?.({ id: 0, port: 0 });
