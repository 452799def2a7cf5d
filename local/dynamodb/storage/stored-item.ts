/** An item as it lies in the file: its size, and its JSON as answers have it. */
import type { Item } from '../values/attribute-value.ts';

const headerLength = 4;

export class StoredItem {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  static bytesOf(item: Item, size: number): Buffer {
    const json = JSON.stringify(item);
    const bytes = Buffer.allocUnsafe(headerLength + Buffer.byteLength(json));
    bytes.writeUInt32BE(size);
    bytes.write(json, headerLength);
    return bytes;
  }

  /** As DynamoDB counts it. */
  get size(): number {
    return this.#bytes.readUInt32BE();
  }

  get json(): string {
    return this.#bytes.toString('utf8', headerLength);
  }

  /** Parsed anew each time: what is made of it may be kept. */
  get item(): Item {
    return JSON.parse(this.json);
  }
}
