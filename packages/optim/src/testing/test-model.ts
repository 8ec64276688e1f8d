import type { OptimizableModel, ParameterPlace } from '../constructors/contract.js';
import { disposeParameters, testParameter } from './test-parameter.js';

/** Where a parameter of a {@link testModel} stands. */
export interface TestPlace {
  readonly name: string;
  /** Default `[1]`. */
  readonly shape?: readonly number[];
  /** Role of the module that holds it. */
  readonly role?: string;
  /** Role of the module that holds that one. */
  readonly parentRole?: string;
  /** Default true. */
  readonly trainable?: boolean;
  /** Another name of the same parameter, given before. */
  readonly sameAs?: string;
}

/** A model of float32 parameters, with nothing to compute. */
export interface TestModel extends OptimizableModel {
  parameterPlaces(): ParameterPlace[];
  dispose(): void;
}

/** Makes a model that has parameters at these places and the values 0, 0.25, 0.5, ... */
export function testModel(places: readonly TestPlace[]): TestModel {
  const made = new Map<string, ParameterPlace['parameter']>();
  const standing = places.map((place): ParameterPlace => {
    const { name, shape = [1], role, parentRole, trainable = true, sameAs } = place;
    const size = shape.reduce((product, extent) => product * extent, 1);
    const values = Array.from({ length: size }, (_, i) => i / 4);
    const parameter = made.get(sameAs ?? name) ?? { ...testParameter(name, values, shape), trainable };
    made.set(name, parameter);
    return { name, parameter, module: { role }, parent: { role: parentRole } };
  });
  const unique = [...new Set(standing.map(({ parameter }) => parameter))];
  return {
    namedParameters: () => new Map(unique.map((parameter) => [parameter.name, parameter])),
    parameterPlaces: () => [...standing],
    dispose: () => disposeParameters(unique),
  };
}
