/** The log of local mode: to the console or a file, for people or for programs, and kept for get_logs whichever it is. */
import { join } from 'node:path';
import type { LogSource } from '../../src/monitor/logs/log-source.ts';
import { type LogFile, type LogFileLimits, openLogFile, usualLimits } from '../../src/runtime/log-file.ts';
import { openKeptLines } from './kept-lines.ts';
import { keptLogSource } from './kept-log-source.ts';
import { prettyLine } from './pretty-line.ts';

export type LogFormat = 'pretty' | 'json';

export interface LocalLogOptions {
  readonly dataDir: string;
  /** `console`, or `file:PATH`. */
  readonly output: string;
  /** Pretty where the console is a terminal, when left out. */
  readonly format?: LogFormat | undefined;
  readonly limits?: LogFileLimits | undefined;
  /** Whether lines for people may be colored where the console is a terminal. */
  readonly color?: boolean | undefined;
}

export interface LocalLog {
  readonly write: (line: string) => void;
  readonly source: LogSource;
  close(): void;
}

export function openLocalLog({ dataDir, output, format, limits, color = true }: LocalLogOptions): LocalLog {
  const kept = openKeptLines({ folder: join(dataDir, 'log-lines') });
  const shown = outputOf(output, { format, color, limits: limits ?? usualLimits });
  return {
    write(line) {
      kept.append(line);
      shown.write(line);
    },
    source: keptLogSource(kept, Date.now),
    close() {
      shown.close();
      kept.close();
    },
  };
}

interface Shown {
  readonly format: LogFormat | undefined;
  readonly color: boolean;
  readonly limits: LogFileLimits;
}

function outputOf(output: string, { format, color, limits }: Shown): LogFile {
  const file = output.startsWith('file:') ? openLogFile(output.slice('file:'.length), limits) : undefined;
  const isTerminal = file === undefined && process.stdout.isTTY === true;
  const { write, close } = file ?? { write: toConsole, close: () => undefined };
  if ((format ?? (isTerminal ? 'pretty' : 'json')) === 'json') return { write, close };
  const colored = isTerminal && color;
  return { write: (line) => write(prettyLine(line, { colored })), close };
}

const toConsole = (line: string): void => void process.stdout.write(`${line}\n`);
