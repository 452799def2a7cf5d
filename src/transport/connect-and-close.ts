/** Opens a connection to see whether it is taken, and closes it at once. */
import { connect, type LookupFunction } from 'node:net';
import { type Bounds, watchBounds } from './deadline.ts';
import { ConnectTimeout, connectTimeoutMs } from './http-exchange.ts';

/** Rejects with an OrchestratorError for the bounds, a ConnectTimeout, or the error of Node. */
export function connectAndClose(
  target: Bounds & { readonly url: URL },
  lookup: LookupFunction,
): Promise<void> {
  const { hostname, port, protocol } = target.url;
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port) || (protocol === 'https:' ? 443 : 80),
      autoSelectFamily: true,
      lookup,
    });
    const timer = setTimeout(() => end(() => reject(new ConnectTimeout())), connectTimeoutMs);
    const stop = watchBounds(target, (error) => end(() => reject(error)));
    const end = (settle: () => void) => {
      clearTimeout(timer);
      stop();
      socket.destroy();
      settle();
    };
    socket.once('connect', () => end(resolve));
    socket.on('error', (error) => end(() => reject(error)));
  });
}
