/** Where calls are counted for those who look at them later. Counting takes no time of a call: nothing here waits. */
import type { ErrorCode } from '../base/error-catalogue.ts';

export interface CallMeter {
  /** A call goes out; gives what tells its end, with the code of its error. */
  calls(call: MeteredCall): (code?: ErrorCode) => void;
  /** Begins to write what is to be written by now, and waits for nothing. */
  writeDue(): void;
}

export interface MeteredCall {
  readonly service: string;
  /** The tool, or what request it is. */
  readonly name: string;
  /** Whether it repeats an earlier one. */
  readonly repeats: boolean;
}
