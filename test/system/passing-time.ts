/** Lets time pass for everything in this process: the functions, the engine, and what stands between them. */
import { vi } from 'vitest';

const ofMachine = Date.now.bind(Date);
let passedMs = 0;

export function letTimePass(ms: number): void {
  passedMs += ms;
  vi.spyOn(Date, 'now').mockImplementation(() => ofMachine() + passedMs);
}

/** For whoever runs next in this process. */
export function endPassingTime(): void {
  passedMs = 0;
  vi.spyOn(Date, 'now').mockRestore();
}
