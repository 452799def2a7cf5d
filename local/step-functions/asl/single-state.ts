/**
 * One state of a definition by itself, as TestState takes it: the states it goes to need not be there, and what it
 * calls or runs inside is given by a mock, so it may be what the engine does not run.
 */
import * as z from 'zod';
import { parseInput } from '../../../src/base/parse-input.ts';
import { compileSingleState } from './compile-program.ts';
import { type DefinitionFault, schemaFault } from './fault.ts';
import { issueFaults, parseJson } from './parse-definition.ts';
import type { State } from './program.ts';
import { AslSingleState } from './schema.ts';

const Fields = z.record(z.string(), z.unknown());

export type SingleState =
  | { readonly ok: true; readonly state: State }
  | { readonly ok: false; readonly faults: readonly DefinitionFault[] };

const fault = (message: string, path = '/'): SingleState => ({
  ok: false,
  faults: [schemaFault(path, message)],
});

/** In the place of what runs inside: a mock says what it gives. */
const inside = { StartAt: 'Mocked', States: { Mocked: { Type: 'Pass', End: true } } };
const ofDistributed = new Set(['ItemReader', 'ItemBatcher', 'ResultWriter', 'Label']);

function withoutInside(state: z.infer<typeof Fields>): z.infer<typeof Fields> {
  if (state['Type'] !== 'Map') return state;
  const fields = Object.entries(state).filter(([name]) => !ofDistributed.has(name));
  return { ...Object.fromEntries(fields), ItemProcessor: inside };
}

/** `name` names a state of a whole machine; without it the text is the state. */
export function parseSingleState(text: string, name: string | undefined): SingleState {
  const json = parseJson(text);
  if ('faults' in json) return { ok: false, faults: json.faults };
  const whole = Fields.safeParse(json.value).data;
  if (whole === undefined) return fault('Definition must be a valid JSON object', '');
  const states = Fields.safeParse(whole['States']).data;
  if (states !== undefined && name === undefined)
    return fault('A definition with States needs a stateName that says which one is tested');
  const raw = name === undefined ? whole : Fields.safeParse(states?.[name]).data;
  if (raw === undefined) return fault(`There is no state '${name}' at the top level of the definition`);
  const language = raw['QueryLanguage'] ?? whole['QueryLanguage'];
  if (language !== 'JSONata')
    return fault("The local engine tests JSONata states only; set 'QueryLanguage' to 'JSONata'");
  const parsed = parseInput(AslSingleState, withoutInside(raw));
  if (!parsed.success) return { ok: false, faults: parsed.error.issues.flatMap(issueFaults) };
  const { state, faults } = compileSingleState(name ?? 'StateName', parsed.data);
  return faults.length > 0 ? { ok: false, faults } : { ok: true, state };
}
