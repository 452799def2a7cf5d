/**
 * The embedded DynamoDB (dynalite over LevelDB) as a process of its own, so that a crash of the orchestrator
 * cannot tear what is being written. Ends with its parent.
 */
import dynalite from 'dynalite';
import { guardDynalite } from './guard-dynalite.ts';

process.umask(0o077);
const [path = '', host, port] = process.argv.slice(2);
const server = dynalite({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
const { ACCESS_KEY_ID: accessKeyId, SECRET_ACCESS_KEY: secretAccessKey } = process.env;
guardDynalite(server, accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined);

const end = (): void => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
  setTimeout(() => process.exit(0), 2000).unref();
};
process.once('SIGTERM', end);
process.once('disconnect', end);
process.on('SIGINT', () => {}); // The terminal tells everybody; the parent decides when this process ends.

server.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
server.listen(Number(port), host, () => {
  const address = server.address();
  if (typeof address === 'object') process.send?.({ listening: address?.port });
});
