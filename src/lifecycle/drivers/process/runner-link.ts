/** A connection to a runner: what it says of its start, now and whenever that changes, until it has ended. */
import { connect, type Socket } from 'node:net';
import { StartRecord } from './start-record.ts';

const boundMs = 5_000;

export class RunnerLink {
  readonly #socket: Socket;
  readonly #heard = new Set<() => void>();
  #record: StartRecord;
  #closed = false;

  /** `lost` is called when the connection is over and nobody here has closed it. */
  constructor(socket: Socket, first: StartRecord, lost: (record: StartRecord) => void) {
    this.#socket = socket;
    this.#record = first;
    socket.once('close', () => {
      this.#wake();
      if (!this.#closed) lost(this.#record);
    });
  }

  /** What it said last. */
  get record(): StartRecord {
    return this.#record;
  }

  hear(record: StartRecord): void {
    this.#record = record;
    this.#wake();
  }

  /** Whether the runner has heard that it shall end what it runs, or is gone; false when it does not answer. */
  stop(): Promise<boolean> {
    return new Promise((resolve) => {
      const over = (heard: boolean): void => {
        clearTimeout(timer);
        this.#heard.delete(check);
        this.#socket.unref();
        resolve(heard);
      };
      const timer = setTimeout(over, boundMs, false);
      const check = (): void => {
        if (this.#record.stopping || this.#record.ended || this.#socket.destroyed) over(true);
      };
      this.#heard.add(check);
      this.#socket.ref();
      this.#socket.write('stop\n');
      check();
    });
  }

  /** The runner goes on. */
  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }

  #wake(): void {
    for (const check of this.#heard) check();
  }
}

/** Undefined where nobody listens, or somebody else does. Once it is there it keeps no process from ending. */
export function linkRunner(
  { socket: path, token }: StartRecord,
  lost: (record: StartRecord) => void,
): Promise<RunnerLink | undefined> {
  const socket = connect(path);
  socket.on('error', () => socket.destroy());
  return new Promise((resolve) => {
    let link: RunnerLink | undefined;
    const timer = setTimeout(() => socket.destroy(), boundMs);
    const over = (): void => {
      clearTimeout(timer);
      resolve(link);
    };
    socket.once('close', over);
    onLine(socket, (line) => {
      const record = recordIn(line);
      if (record?.token !== token) return socket.destroy();
      if (link !== undefined) return link.hear(record);
      link = new RunnerLink(socket, record, lost);
      socket.unref();
      over();
    });
  });
}

function onLine(socket: Socket, hear: (line: string) => void): void {
  let rest = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    const lines = `${rest}${piece}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) hear(line);
  });
}

function recordIn(line: string): StartRecord | undefined {
  try {
    return StartRecord.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
