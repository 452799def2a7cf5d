/** The parser of YAML, in a file of its own: who sends JSON does not load it. */
import { parse } from 'yaml';

/** Throws what is wrong with it. */
export const parseYaml = (text: string): unknown => parse(text, { maxAliasCount: 100, logLevel: 'error' });
