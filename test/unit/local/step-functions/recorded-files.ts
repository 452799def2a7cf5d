/**
 * A `node:fs` that does what the real one does and records what changes files, so that a test can put files back as
 * they were after any number of changes, up to a single byte. Bytes are only ever appended.
 */
import { promisify } from 'node:util';

type Fs = typeof import('node:fs');

export type Change =
  | { readonly kind: 'create'; readonly path: string; readonly file: number }
  | { readonly kind: 'append'; readonly file: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly file: number; readonly length: number }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'sync'; readonly path: string }
  /** Something that must not be lost from here on. */
  | { readonly kind: 'acknowledged'; readonly what: string };

export const recording = {
  on: false,
  changes: [] as Change[],
  /** Called before a file is synced or written to; may throw in its place. */
  before: undefined as ((what: 'sync' | 'write' | 'append', path: string) => unknown) | undefined,
};

interface OpenFile {
  readonly path: string;
  readonly file: number;
}

/** A function of which only the promised form is used. */
const promised = (run: (...args: never[]) => Promise<unknown>): object =>
  Object.assign(() => undefined, { [promisify.custom]: run });

class Recorder {
  readonly #fs: Fs;
  readonly #names = new Map<string, number>();
  readonly #open = new Map<number, OpenFile>();
  #files = 0;

  constructor(fs: Fs) {
    this.#fs = fs;
  }

  #change(change: Change): void {
    if (recording.on) recording.changes.push(change);
  }

  #named(path: string): number {
    const known = this.#names.get(path);
    if (known !== undefined) return known;
    this.#files += 1;
    this.#names.set(path, this.#files);
    this.#change({ kind: 'create', path, file: this.#files });
    return this.#files;
  }

  #opened = (descriptor: number): OpenFile => this.#open.get(descriptor) ?? { path: '', file: 0 };

  #appended(descriptor: number, bytes: Uint8Array): void {
    this.#change({ kind: 'append', file: this.#opened(descriptor).file, bytes: Buffer.from(bytes) });
  }

  openSync = (path: string, flags: string): number => {
    const descriptor = this.#fs.openSync(path, flags);
    this.#open.set(descriptor, { path, file: this.#named(path) });
    return descriptor;
  };

  open = promised(async (path: string, flags: string) => this.openSync(path, flags));

  writeSync = (descriptor: number, bytes: Buffer, offset = 0): number => {
    recording.before?.('append', this.#opened(descriptor).path);
    const written = this.#fs.writeSync(descriptor, bytes, offset);
    this.#appended(descriptor, bytes.subarray(offset, offset + written));
    return written;
  };

  write = promised(async (descriptor: number, bytes: Buffer, offset: number, length: number) => {
    await recording.before?.('write', this.#opened(descriptor).path);
    const answer = await promisify(this.#fs.write)(descriptor, bytes, offset, length);
    this.#appended(descriptor, bytes.subarray(offset, offset + answer.bytesWritten));
    return answer;
  });

  fsync = promised(async (descriptor: number) => {
    const { path } = this.#opened(descriptor);
    await recording.before?.('sync', path);
    await promisify(this.#fs.fsync)(descriptor);
    this.#change({ kind: 'sync', path });
  });

  /** What is only played back need not outlive a loss of power. */
  fdatasyncSync = (descriptor: number): void => {
    if (recording.on) this.#fs.fdatasyncSync(descriptor);
  };

  writeFileSync = (path: string, text: string, options?: { flag: string }): void => {
    this.#fs.writeFileSync(path, text, options);
    this.#change({ kind: 'append', file: this.#named(path), bytes: Buffer.from(text) });
  };

  truncateSync = (path: string, length: number): void => {
    this.#fs.truncateSync(path, length);
    this.#change({ kind: 'truncate', file: this.#named(path), length });
  };

  ftruncateSync = (descriptor: number, length: number): void => {
    this.#fs.ftruncateSync(descriptor, length);
    this.#change({ kind: 'truncate', file: this.#opened(descriptor).file, length });
  };

  renameSync = (from: string, to: string): void => {
    this.#fs.renameSync(from, to);
    this.#names.set(to, this.#named(from));
    this.#names.delete(from);
    for (const [descriptor, { path, file }] of this.#open)
      if (path === from) this.#open.set(descriptor, { path: to, file });
    this.#change({ kind: 'rename', from, to });
  };

  rmSync = (path: string, options: { force: boolean; recursive?: boolean }): void => {
    this.#fs.rmSync(path, options);
    if (this.#names.delete(path)) this.#change({ kind: 'remove', path });
  };
}

export const recordingFs = (fs: Fs): object => ({ ...fs, ...new Recorder(fs) });

/** The files, by name, after these changes, again and again as changes are played. */
export class Playback {
  readonly #names = new Map<string, number>();
  readonly #bytes = new Map<number, Buffer>();

  play(change: Change): void {
    switch (change.kind) {
      case 'create':
        this.#names.set(change.path, change.file);
        this.#bytes.set(change.file, Buffer.alloc(0));
        return;
      case 'append':
        this.#bytes.set(change.file, Buffer.concat([this.#of(change.file), change.bytes]));
        return;
      case 'truncate':
        this.#bytes.set(change.file, this.#of(change.file).subarray(0, change.length));
        return;
      case 'rename':
        this.#names.set(change.to, this.#names.get(change.from) ?? 0);
        this.#names.delete(change.from);
        return;
      case 'remove':
        this.#names.delete(change.path);
        return;
      case 'sync':
      case 'acknowledged':
    }
  }

  /** The states of the files before this change and, where it appends to a file, after every `step` bytes of it. */
  *before(change: Change, step: (path: string | undefined) => number): Generator<Map<string, Buffer>> {
    yield this.files();
    if (change.kind !== 'append') return;
    const whole = this.#of(change.file);
    const bytes = step([...this.#names].find(([, file]) => file === change.file)?.[0]);
    for (let length = bytes; length < change.bytes.length; length += bytes) {
      this.#bytes.set(change.file, Buffer.concat([whole, change.bytes.subarray(0, length)]));
      yield this.files();
    }
    this.#bytes.set(change.file, whole);
  }

  files(): Map<string, Buffer> {
    return new Map([...this.#names].map(([path, file]) => [path, this.#of(file)]));
  }

  #of = (file: number): Buffer => this.#bytes.get(file) ?? Buffer.alloc(0);
}
