/**
 * Which query language each state has. The engine runs JSONata only, so a JSONPath or mixed machine is
 * refused by name before anything else is looked at. A state without the field takes the language of what
 * encloses it; without any, ASL means JSONPath.
 */
import * as z from 'zod';
import { type DefinitionFault, schemaFault } from './fault.ts';

const fields = z.record(z.string(), z.unknown());

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> => fields.safeParse(value).data ?? {};

function childScopes(state: Readonly<Record<string, unknown>>, path: string): [unknown, string][] {
  const branches = Array.isArray(state['Branches']) ? state['Branches'] : [];
  return [
    ...branches.map((branch, index): [unknown, string] => [branch, `${path}/Branches[${index}]`]),
    [state['ItemProcessor'], `${path}/ItemProcessor`],
    [state['Iterator'], `${path}/Iterator`],
  ];
}

function stateFaults(value: unknown, path: string, enclosing: unknown): DefinitionFault[] {
  const state = fieldsOf(value);
  const language = state['QueryLanguage'] ?? enclosing;
  if (language === 'JSONPath' && enclosing === 'JSONata') {
    const message = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine";
    return [schemaFault(path, message)];
  }
  if (language === 'JSONPath') {
    return [schemaFault(path, "The local engine runs JSONata only; set 'QueryLanguage' to 'JSONata'")];
  }
  return childScopes(state, path).flatMap(([scope, at]) => scopeFaults(scope, at, language));
}

function scopeFaults(scope: unknown, path: string, language: unknown): DefinitionFault[] {
  return Object.entries(fieldsOf(fieldsOf(scope)['States'])).flatMap(([name, state]) =>
    stateFaults(state, `${path}/States/${name}`, language),
  );
}

/** A fault for each state that is not JSONata. */
export const queryLanguageFaults = (definition: unknown): DefinitionFault[] =>
  scopeFaults(definition, '', fieldsOf(definition)['QueryLanguage'] ?? 'JSONPath');
