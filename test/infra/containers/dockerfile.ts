/** Reads a Dockerfile into its stages. What it does not know it refuses: a test must not pass over a step. */
import * as z from 'zod';

export interface Instruction {
  readonly keyword: string;
  /** `--name=value` before the rest. */
  readonly flags: Readonly<Record<string, string>>;
  readonly rest: string;
}

export interface Stage {
  readonly base: string;
  /** From `AS`; without it, its number. */
  readonly name: string;
  readonly instructions: readonly Instruction[];
}

const keywords = ['ARG', 'FROM', 'WORKDIR', 'COPY', 'RUN', 'ENV', 'USER', 'EXPOSE', 'HEALTHCHECK', 'CMD'];

export function parseDockerfile(text: string): Stage[] {
  const instructions = instructionsOf(text);
  const defaults = Object.fromEntries(
    instructions.filter(({ keyword }) => keyword === 'ARG').map(({ rest }) => splitOnce(rest, '=')),
  );
  const stages: { base: string; name: string; instructions: Instruction[] }[] = [];
  for (const instruction of instructions.filter(({ keyword }) => keyword !== 'ARG')) {
    if (instruction.keyword === 'FROM') stages.push(stageOf(instruction, stages.length, defaults));
    else stages.at(-1)?.instructions.push(instruction);
  }
  return stages;
}

/** `["node", "x"]`: what runs without a shell. Undefined for the shell form. */
export function execForm(rest: string): string[] | undefined {
  return rest.startsWith('[') ? z.array(z.string()).min(1).parse(JSON.parse(rest)) : undefined;
}

function instructionsOf(text: string): Instruction[] {
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line) && line.trim() !== '');
  return lines
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map(instructionOf);
}

function instructionOf(line: string): Instruction {
  const [keyword, text] = splitOnce(line, ' ');
  if (!keywords.includes(keyword)) throw new Error(`This Dockerfile reader does not know: ${line}`);
  const flags = [...(/^(?:--\S+\s+)*/.exec(text)?.[0] ?? '').matchAll(/--([^=\s]+)=(\S+)/g)];
  return {
    keyword,
    flags: Object.fromEntries(flags.map(([, name = '', value = '']) => [name, value])),
    rest: text.replace(/^(?:--\S+\s+)*/, ''),
  };
}

function stageOf({ rest }: Instruction, index: number, defaults: Record<string, string>) {
  const [base = '', , name = String(index)] = rest.split(/\s+/);
  const named = base.replaceAll(/\$\{(\w+)\}/g, (_text, variable: string) => defaults[variable] ?? '');
  return { base: named, name, instructions: [] };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1).trim()];
}
