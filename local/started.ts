/** What a start has to undo when it fails halfway, and when it ends. */

/** What has been started, ended in reverse order whatever becomes of the rest. */
export class Started {
  readonly #ends: (() => unknown)[] = [];

  add<T>(part: T, end: (part: T) => unknown): T {
    this.#ends.push(() => end(part));
    return part;
  }

  async end(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await Promise.resolve(end()).catch(() => undefined);
  }
}
