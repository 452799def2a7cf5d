/** Reads tables of docs/deploy.md, so that what the guide says can be held against what is counted. */
import { readFile } from 'node:fs/promises';

export type Row = readonly string[];

/** The rows of the table under a heading, without its head. Throws when there is none. */
export async function tableUnder(heading: string): Promise<Row[]> {
  const guide = await readFile(new URL('../../../docs/deploy.md', import.meta.url), 'utf8');
  const [, section] = guide.split(`\n### ${heading}\n`);
  const lines = (section ?? '').split(/\n#/, 1)[0]?.split('\n') ?? [];
  const [, , ...rows] = lines.filter((line) => line.startsWith('|'));
  if (rows.length === 0) throw new Error(`docs/deploy.md has no table under "${heading}"`);
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** A cell such as `8,670` or `$1.50`. */
export function amount(cell: string | undefined): number {
  const value = Number(cell?.replace(/[$,*]/g, ''));
  if (cell === undefined || cell === '' || Number.isNaN(value)) throw new Error(`${cell} is not an amount`);
  return value;
}
