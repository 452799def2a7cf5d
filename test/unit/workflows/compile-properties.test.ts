// @module-tag long
import aslValidator from 'asl-validator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Asl, States } from '../../../src/workflows/compiler/asl.ts';
import { compileWorkflow } from '../../../src/workflows/compiler/compile.ts';
import { validateWorkflow } from '../../../src/workflows/compiler/validate.ts';
import { walkSteps } from '../../../src/workflows/definition/steps.ts';
import { arbitraryDefinition, type SentDefinition } from './arbitrary-definition.ts';

const services = new Map([
  ['tools', { transport: 'mcp' as const }],
  ['notify', { transport: 'rest' as const }],
]);

function accepted(sent: SentDefinition) {
  const validation = validateWorkflow(sent, { services });
  if (!validation.ok) throw new Error(JSON.stringify({ sent, errors: validation.errors }));
  return validation.definition;
}

const compiled = (sent: SentDefinition): Asl =>
  compileWorkflow(accepted(sent), { runStepFunction: 'run-step' });

function namesIn({ States: states }: States): string[] {
  return Object.entries(states).flatMap(([name, state]) => {
    if (state.Type === 'Map') return [name, ...namesIn(state.ItemProcessor)];
    return state.Type === 'Parallel' ? [name, ...state.Branches.flatMap(namesIn)] : [name];
  });
}

describe('every valid definition', { timeout: 120_000 }, () => {
  it('is accepted and compiles to ASL that asl-validator accepts', () => {
    fc.assert(
      fc.property(arbitraryDefinition, (sent) => {
        const { isValid, errorsText } = aslValidator(JSON.parse(JSON.stringify(compiled(sent))));
        expect(isValid, errorsText()).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('has one state for each step, named by its id, and besides only its ends', () => {
    fc.assert(
      fc.property(arbitraryDefinition, (sent) => {
        const ids = [...walkSteps(accepted(sent))].map(({ id }) => id).sort();
        const names = namesIn(compiled(sent));
        expect(new Set(names).size).toBe(names.length);
        expect(names.filter((name) => !name.endsWith('-end')).sort()).toEqual(ids);
      }),
      { numRuns: 60 },
    );
  });

  it('stays the same definition when it is validated again with its defaults', () => {
    fc.assert(
      fc.property(arbitraryDefinition, (sent) => {
        const once = accepted(sent);
        expect(validateWorkflow(JSON.parse(JSON.stringify(once)), { services })).toEqual({
          ok: true,
          definition: once,
        });
      }),
      { numRuns: 40 },
    );
  });
});
