/** A child with what it says going to its file, and before one that speaks stdio the bridge by which it is called. */
import type { Bridge } from '../bridge/bridge.ts';
import { signalGroup } from '../process-group.ts';
import type { RunnerOrder } from '../runner-order.ts';
import { type Child, NotStarted, startChild } from './child.ts';
import { freePort, isFree } from './free-port.ts';
import type { Output } from './output.ts';

export interface StartedService {
  readonly child: Child;
  readonly url: string;
  readonly bridge?: Bridge | undefined;
}

export async function startService(order: RunnerOrder, output: Output): Promise<StartedService> {
  // Whoever listens there would be asked and called in place of the child.
  if (order.port !== undefined && !(await isFree(order.port)))
    throw new NotStarted('refused', `port ${order.port} is taken by another program`);
  return order.protocol === 'stdio' ? await overStdio(order, output) : await overHttp(order, output);
}

const urlOf = (port: number, { path }: RunnerOrder): string => `http://127.0.0.1:${port}${path}`;

async function overHttp(order: RunnerOrder, output: Output): Promise<StartedService> {
  const port = order.port ?? (await freePort());
  const child = await startChild(order, port);
  child.stdout.on('data', (piece: Buffer) => output.write(piece));
  child.stderr.on('data', (piece: Buffer) => output.write(piece));
  return { child, url: urlOf(port, order) };
}

/** The bridge is loaded only here: most services need none. */
async function overStdio(order: RunnerOrder, output: Output): Promise<StartedService> {
  const { openBridge } = await import('../bridge/bridge.ts');
  const say = (line: string): void => output.write(`${line}\n`);
  const bridge = await openBridge({ port: order.port, path: order.path, say });
  try {
    const child = await startChild(order, bridge.port);
    child.stderr.on('data', (piece: Buffer) => output.write(piece));
    bridge.attach({
      input: child.stdin,
      output: child.stdout,
      giveUp: () => signalGroup(child.pid, 'SIGTERM'),
    });
    return { child, url: urlOf(bridge.port, order), bridge };
  } catch (error) {
    bridge.end('before it had started');
    throw error;
  }
}
