import { PyObject } from './value.js';

/** An imported object of a new-style config, never imported: `from torch.optim import SGD`, `import a.b` and `import a.c` together. */
export class LazyObject extends PyObject {
  readonly typeName = 'LazyObject';
  readonly modules: readonly string[];
  readonly imported: string | undefined;
  /** `import a.b as c` names one module; `import a.b` names the package `a`. */
  readonly isPackage: boolean;

  constructor(modules: readonly string[], imported?: string, isPackage = false) {
    super();
    this.modules = modules;
    this.imported = imported;
    this.isPackage = isPackage;
  }

  get module(): string {
    const [first = ''] = this.modules;
    return this.isPackage ? (first.split('.')[0] ?? first) : first;
  }

  get text(): string {
    return this.imported ?? this.module;
  }

  /** What attributes of it are below. */
  get path(): string {
    return this.imported === undefined ? this.module : `${this.module}.${this.imported}`;
  }

  /** How the reference writes it down; a module that is named alone comes twice. */
  get dotted(): string {
    return `${this.module}.${this.text}`;
  }
}

/** An attribute of an object that was never imported. */
export class LazyAttr extends PyObject {
  readonly typeName = 'LazyAttr';
  readonly text: string;
  readonly module: string;

  constructor(source: LazyObject | LazyAttr, name: string) {
    super();
    this.text = name;
    this.module = source instanceof LazyObject ? source.path : source.dotted;
  }

  get dotted(): string {
    return `${this.module}.${this.text}`;
  }
}
