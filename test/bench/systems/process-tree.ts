/**
 * CPU and memory of processes and of all that they started, as Linux tells them in `/proc`. Elsewhere nothing is
 * told, and the tables show a dash.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Of user space, on every architecture (Linux: USER_HZ). */
const msPerTick = 10;

interface Seen {
  readonly pid: number;
  readonly parent: number;
  /** Its own, and of its children that have ended and were waited for. */
  readonly cpuMs: number;
}

/** Milliseconds since they began; NaN where it cannot be told. */
export const cpuOf = (roots: readonly number[]): number => sum(treeOf(roots), ({ cpuMs }) => cpuMs);

/** Bytes of anonymous memory that are resident: without files that are mapped, and without what they share. */
export const memoryOf = (roots: readonly number[]): number => sum(treeOf(roots), anonymousOf);

const sum = (tree: readonly Seen[], of: (seen: Seen) => number): number =>
  tree.length === 0 ? Number.NaN : tree.reduce((total, each) => total + of(each), 0);

function treeOf(roots: readonly number[]): Seen[] {
  const all = processes();
  const tree = all.filter(({ pid }) => roots.includes(pid));
  for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid));
  return tree;
}

function processes(): Seen[] {
  const ids = entries().filter((name) => /^\d+$/.test(name));
  return ids.flatMap((id) => {
    const stat = read(`/proc/${id}/stat`);
    return stat === undefined ? [] : [seen(Number(id), stat)];
  });
}

/** The second field is a name in brackets, which may hold anything (proc(5)). */
function seen(pid: number, stat: string): Seen {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((total, field) => total + Number(field), 0);
  return { pid, parent: Number(fields[1]), cpuMs: ticks * msPerTick };
}

function anonymousOf({ pid }: Seen): number {
  const kilobytes = /^RssAnon:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

function entries(): string[] {
  try {
    return readdirSync('/proc');
  } catch {
    return [];
  }
}

/** Undefined for a process that has ended meanwhile. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
