/**
 * The embedded DynamoDB for a test: empty and its own, but in a process that the tests of this one share, since a start
 * takes half a second of a processor. The stores that outlive a process are for the tests of `npm start`.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createTables } from '../../local/dynamodb/create-tables.ts';
import type { LocalDynamoDb, startDynamoDb } from '../../local/dynamodb/start.ts';
import { Done, type Order } from './dynamodb-orders.ts';

type Asked = Order extends infer One ? (One extends Order ? Omit<One, 'id'> : never) : never;

class Process {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve(port: number): void; reject(error: Error): void }>();
  readonly #ready: Promise<number>;
  #lastId = 0;

  constructor() {
    this.#child = fork(fileURLToPath(new URL('dynamodb-main.ts', import.meta.url)), {
      execArgv: ['--import', import.meta.resolve('tsx')],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#ready = this.#answer(0);
    this.#child.on('message', (message) => {
      const { id, port, error } = Done.parse(message);
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (port === undefined) waiting?.reject(new Error(`the database: ${error}`));
      else waiting?.resolve(port);
    });
    this.#child.once('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`the process of the databases ended with ${signal ?? code}`));
    });
    // It keeps nobody from ending, and ends with who started it.
    this.#child.unref();
    this.#child.channel?.unref();
  }

  async ask(asked: Asked): Promise<number> {
    await this.#ready;
    this.#lastId += 1;
    const answer = this.#answer(this.#lastId);
    this.#child.send({ ...asked, id: this.#lastId });
    return answer;
  }

  #answer(id: number): Promise<number> {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }
}

let shared: Process | undefined;

/** In the folder `path`, on 127.0.0.1 and a free port, whatever is asked for. */
export const startSharedDynamoDb: typeof startDynamoDb = async ({ path, accessKey }) => {
  shared ??= new Process();
  const databases = shared;
  const port = await databases.ask({ path, ...(accessKey && { accessKey }) });
  const url = `http://127.0.0.1:${port}`;
  const stop: LocalDynamoDb['stop'] = async () => void (await databases.ask({ port }));
  return { url, tables: await createTables(url, accessKey), stop };
};
