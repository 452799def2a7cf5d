/**
 * Reads YAML, which is in a file of its own so that who sends JSON does not load its parser. What is wrong is said with
 * line and column. The parser's own check for keys that stand twice compares each with each, and its own words for
 * faults quote the text for each of them: both would take minutes for what somebody sends on purpose, and are not used.
 */
import { Composer, type Document, Lexer, LineCounter, Parser } from 'yaml';
import { type Fault, mostFaults, OrchestratorError } from '../base/errors.ts';
import { faultsText } from '../base/faults.ts';
import { deepestNesting } from '../base/nesting.ts';
import { othersTurn } from '../base/others-turn.ts';
import { type PositionOf, positionText, yamlValueOf } from './yaml-value.ts';

export interface YamlDocument {
  readonly value: unknown;
  /** The line of what stands at a path, or of the nearest thing around it. */
  readonly lineOf: (path: string) => number | undefined;
}

/** Of a text in quotes each takes its time, in one go. 200 services and 50 workflows of ten steps have some 180,000. */
const mostYamlCharacters = 500_000;
/**
 * Words and signs of the text: the parser takes some microseconds for each, and what it makes of them in the end is done in
 * one go. 200 services and 50 workflows of ten steps have some 80,000.
 */
const mostTokens = 120_000;
/** Of one map. What a manifest names has tens of fields; those who may do something with more are lists. */
const mostKeys = 2_000;
/** Each is looked up, in one go with the others. */
const mostAliases = 2_000;
/** Others have their turn after so much. */
const tokensInARow = 1_000;
const charactersInARow = 50_000;

type Token = Parameters<Composer['next']>[0];

/** Throws `request.too-large`, or `request.invalid` with what is wrong. */
export async function readYaml(text: string): Promise<YamlDocument> {
  if (text.length > mostYamlCharacters)
    throw new OrchestratorError(
      'request.too-large',
      `The YAML has ${text.length} characters, and may have ${mostYamlCharacters}: make it two manifests, or send it as JSON`,
    );
  const counter = new LineCounter();
  counter.addNewLine(0);
  const positionOf: PositionOf = (offset) => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const tokens = await tokensOf(text, { counter, positionOf });
  await othersTurn();
  const document = theOnly(compose(tokens, text), positionOf);
  await othersTurn();
  const { value, faults, lines } = yamlValueOf(document.contents, positionOf);
  if (faults.length > 0) throw invalid(faults);
  await othersTurn();
  return { value, lineOf: (path) => lineAt(lines, path) };
}

async function tokensOf(
  text: string,
  { counter, positionOf }: { readonly counter: LineCounter; readonly positionOf: PositionOf },
): Promise<Token[]> {
  const parser = new Parser(counter.addNewLine);
  const tokens: Token[] = [];
  let count = 0;
  let aliases = 0;
  let inARow = { tokens: 0, characters: 0 };
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    count += 1;
    if (count > mostTokens)
      throw notYaml(`has more than ${mostTokens} words and signs: make it two manifests, or send it as JSON`);
    if (lexeme.startsWith('*')) aliases += 1;
    if (aliases > mostAliases)
      throw notYaml(`has more than ${mostAliases} aliases: write out what they stand for`);
    if (parser.stack.length > deepestNesting)
      throw notYaml(`is nested more than ${deepestNesting} levels deep`);
    const large = tooManyKeysAt(parser.stack.at(-1));
    if (large !== undefined)
      throw notYaml(
        `has a map of more than ${mostKeys} keys at ${positionText(positionOf(large))}: make it a list, or two maps`,
      );
    inARow.tokens += 1;
    inARow.characters += lexeme.length;
    if (inARow.tokens < tokensInARow && inARow.characters < charactersInARow) continue;
    inARow = { tokens: 0, characters: 0 };
    await othersTurn();
  }
  tokens.push(...parser.end());
  return tokens;
}

/** Where the map begins that is being read, if it has too many keys. */
function tooManyKeysAt(token: Parser['stack'][number] | undefined): number | undefined {
  if (token?.type !== 'block-map' && token?.type !== 'flow-collection') return undefined;
  const isMap = token.type === 'block-map' || token.start.source === '{';
  return isMap && token.items.length > mostKeys ? token.offset : undefined;
}

/** Each fault is an error, of which there may be as many as tokens: what they cost is their stack, which nobody reads. */
function compose(tokens: Token[], text: string): Document.Parsed[] {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return [...new Composer({ uniqueKeys: false }).compose(tokens, true, text.length)];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Throws what the parser found, and when there is more than one document. */
function theOnly([document, ...others]: Document.Parsed[], positionOf: PositionOf): Document.Parsed {
  if (document === undefined) throw notYaml('is empty');
  const errors = [document, ...others].flatMap((one) => one.errors);
  if (errors.length > 0)
    throw invalid(
      errors.slice(0, mostFaults).map(({ message, pos: [offset] }) => ({
        path: 'yaml',
        message: `is not YAML at ${positionText(positionOf(offset))}: ${message.replace(/:$/, '')}`,
      })),
      errors.length - mostFaults,
    );
  if (others.length > 0)
    throw notYaml(`has ${others.length + 1} documents, and may have one: leave the lines of --- out`);
  return document;
}

/** Cut at its last part until something is there. */
function lineAt(lines: ReadonlyMap<string, number>, path: string): number | undefined {
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.'), at.lastIndexOf('[')))) {
    const line = lines.get(at);
    if (line !== undefined) return line;
  }
  return undefined;
}

const notYaml = (message: string): OrchestratorError => invalid([{ path: 'yaml', message }]);

const invalid = (errors: readonly Fault[], more = 0): OrchestratorError =>
  new OrchestratorError('request.invalid', `The manifest is not valid: ${faultsText(errors)}`, {
    errors,
    moreErrors: Math.max(0, more),
  });
