/** Resource variables: what TensorFlow's optimizer ops update in place. */
import type { Attribute, Handle, TensorFlow } from '../tensor-flow.js';

/** The name that TensorFlow gives to variables that go with their handle. */
const ANONYMOUS = 'cd2c89b7-88b7-44c8-ad83-06c2a9158347';
const FLOAT: readonly Attribute[] = [{ name: 'dtype', setting: 'type', value: 1 }];

/** A variable of float32 that shares the elements of a tensor. It goes when its handle is freed. */
export function variableOf(runtime: TensorFlow, value: Handle, shape: readonly number[]): Handle {
  const attributes: Attribute[] = [
    ...FLOAT,
    { name: 'shape', setting: 'shape', value: BigInt64Array.from(shape, BigInt) },
    { name: 'shared_name', setting: 'string', value: ANONYMOUS },
  ];
  const [variable] = runtime.execute('VarHandleOp', [], attributes, 1) as [Handle];
  runtime.execute('AssignVariableOp', [variable, value], FLOAT, 0);
  return variable;
}

/** The elements of a variable; no copy. */
export const valueOf = (runtime: TensorFlow, variable: Handle): Handle =>
  (runtime.execute('ReadVariableOp', [variable], FLOAT, 1) as [Handle])[0];
