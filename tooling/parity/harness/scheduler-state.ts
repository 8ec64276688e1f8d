type Fields = Readonly<Record<string, unknown>>;

const camelNames: Readonly<Record<string, string>> = {
  T_max: 'tMax',
  _global_step: 'globalStep',
  _last_value: 'lastValues',
  _schedule_phases: 'phases',
  anneal_func: 'annealStrategy',
};

/** The reference's state of a scheduler in our names. */
export function expectedState({ verbose: _verbose, use_betas: _useBetas, ...state }: Fields): Fields {
  const { milestones, anneal_func, _schedule_phases } = state;
  return {
    ...camelKeys(state),
    ...(milestones !== undefined && { milestones: milestonesOf(milestones as Readonly<Record<string, number>>) }),
    ...(anneal_func !== undefined && {
      annealStrategy: { _annealing_cos: 'cos', _annealing_linear: 'linear' }[
        (anneal_func as { function: string }).function
      ],
    }),
    ...(_schedule_phases !== undefined && { phases: (_schedule_phases as readonly Fields[]).map(phaseOf) }),
  };
}

function milestonesOf(counts: Readonly<Record<string, number>>): number[] {
  return ascending(
    Object.entries(counts).flatMap(([step, times]) => Array.from({ length: times }, () => Number(step))),
  );
}

function phaseOf({ end_step, start_lr, end_lr }: Fields): Fields {
  return { endStep: end_step, start: camel(String(start_lr)), end: camel(String(end_lr)) };
}

/** From the least. */
export function ascending(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}

/** Keys in camelCase, those of private fields in our spelling. */
export function camelKeys(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [camel(name), value]));
}

function camel(name: string): string {
  return camelNames[name] ?? name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}
