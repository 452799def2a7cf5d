/** What is used of dynalite, which publishes no types. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  export interface Options {
    readonly path: string;
    readonly createTableMs: number;
    readonly deleteTableMs: number;
    readonly updateTableMs: number;
  }

  export default function dynalite(options: Options): Server;
}
