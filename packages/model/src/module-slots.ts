import { Sequential, type TensorModule } from './layers/sequential.js';
import type { Module } from './module.js';

export interface Slot {
  readonly child: unknown;
  replace(module: Module): void;
}

/** The places of a module that hold its direct submodules, in arrays and object literals too. */
export function slotsOf(parent: Module): Slot[] {
  if (parent instanceof Sequential) {
    const slots = [...parent.parts()];
    // under a name that is taken, append replaces in place
    return slots.map(([name, child]) => ({
      child,
      replace: (module) => void parent.append(module as TensorModule, name),
    }));
  }
  const slots: Slot[] = [];
  const enter = (holder: object): void => {
    for (const [key, child] of Object.entries(holder)) {
      if (typeof child !== 'object' || child === null) continue;
      if ('parts' in child && 'placeIn' in child)
        slots.push({ child, replace: (module) => void Object.assign(holder, { [key]: module }) });
      else if (Array.isArray(child) || Object.getPrototypeOf(child) === Object.prototype) enter(child as object);
    }
  };
  enter(parent);
  return slots;
}
