/** Bases in other packages: `mmdet::faster_rcnn/faster-rcnn_r50_fpn_1x_coco.py`. */
import { existsSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { SourceLocation } from '@engine/core';
import { mmcompatErrors } from '../errors.js';
import { ConfigDict } from '../values/config-dict.js';
import { PyDict } from '../values/dict.js';
import { PyTuple, type PyValue } from '../values/value.js';
import type { Files } from './files.js';
import { parseYaml } from './yaml.js';

/** Packages whose entries are known without a scope; those of others keep their package as scope. */
export const ROOT_PACKAGES: ReadonlySet<string> = new Set(['torch', 'mmengine', 'mmcv', 'torchvision']);

/** The packages whose configs can be extended: OpenMMLab's. */
export const PACKAGES: ReadonlySet<string> = new Set(
  'mmcls mmdet mmdet3d mmseg mmaction mmtrack mmpose mmedit mmocr mmgen mmfewshot mmrazor mmflow mmhuman3d mmrotate mmselfsup mmyolo mmpretrain mmagic'.split(
    ' ',
  ),
);

/** Where a base was named. */
export interface BaseAsked {
  /** As written: `package::path`. */
  readonly path: string;
  readonly from: string;
  readonly at: SourceLocation | undefined;
}

/**
 * The file of a base in another package, and the scope of what it holds.
 *
 * @throws `ENGINE_MMCOMPAT_BAD_BASE`, `_UNKNOWN_PACKAGE`, `_NO_PACKAGE`, `_OUTSIDE_PACKAGE`
 */
export function externalBase(asked: BaseAsked, files: Files): { readonly file: string; readonly scope: string } {
  const { path, from, at } = asked;
  const parts = path.split('::');
  const [scope = '', relative = ''] = parts;
  if (parts.length > 2 || !/^\w*::\w*\//.test(path)) {
    throw mmcompatErrors.BAD_BASE({
      subject: '_base_',
      expected: 'one :: between a package and a path: mmdet::faster_rcnn/faster-rcnn_r50_fpn_1x_coco.py',
      received: path,
      action: 'write package::folder/file.py',
      at,
    });
  }
  if (!PACKAGES.has(scope)) {
    throw mmcompatErrors.UNKNOWN_PACKAGE({
      subject: '_base_',
      expected: `one of ${[...PACKAGES].join(', ')}`,
      received: scope,
      action: 'name an OpenMMLab package, or give the path of the file',
      at,
    });
  }
  const folder = files.packageFolder(scope, from);
  if (folder === undefined) {
    throw mmcompatErrors.NO_PACKAGE({
      subject: path,
      expected: `the Python package ${scope} on the package path`,
      received: `${scope} is not installed`,
      action: `unzip its wheel and name the folder with --package-path, or set VIRTUAL_ENV to an environment that has it`,
      at,
    });
  }
  const file = fromModelIndex(folder, relative, files) ?? join(folder, '.mim', 'configs', relative);
  if (!isInside(file, folder)) throw outside(asked, folder);
  return { file, scope };
}

/** By the path itself, and where the file exists also by what links in it lead to. */
function isInside(file: string, folder: string): boolean {
  if (!file.startsWith(folder + sep)) return false;
  return !existsSync(file) || realpathSync(file).startsWith(realpathSync(folder) + sep);
}

function outside({ path, at }: BaseAsked, folder: string): Error {
  return mmcompatErrors.OUTSIDE_PACKAGE({
    subject: '_base_',
    expected: `a path inside ${folder}`,
    received: path,
    action: 'name a config of the package',
    at,
  });
}

/** A model's config by the package's index of models. Its name ends at its first dot, so that names in `.py` are not found this way. */
function fromModelIndex(folder: string, relative: string, files: Files): string | undefined {
  const [name = ''] = relative.split('.');
  const load = (path: string, mayName: (text: string) => boolean = () => true) => {
    const file = join(folder, '.mim', path);
    const text = files.read(file, LARGEST_INDEX);
    // most of these files name other models, and some are YAML only to the reference's reader
    return text === undefined || !mayName(text) ? undefined : parseYaml(text, file);
  };
  const namesModel = (text: string) =>
    text
      .split('\n')
      .some((line) => line.includes('Config:') && line.trimEnd().replace(/['"]$/, '').endsWith(`/${name}`));
  const imports = itemsOf(load('model-index.yml'), 'Import');
  for (const path of imports) {
    const models = typeof path === 'string' && !path.includes('..') ? itemsOf(load(path, namesModel), 'Models') : [];
    for (const model of models) {
      const config = model instanceof PyDict ? model.get('Config') : undefined;
      if (typeof config === 'string' && config.slice(config.indexOf('/') + 1) === name) return join(folder, config);
    }
  }
  return undefined;
}

const LARGEST_INDEX = 4_000_000;

function itemsOf(value: PyValue | undefined, key: string): readonly PyValue[] {
  const items = value instanceof PyDict ? value.get(key) : undefined;
  return Array.isArray(items) ? items : [];
}

/** Marks what a base of another package holds: the outermost dicts with a `type` get the package as `_scope_`. */
export function withScope(dict: PyDict, scope: string | undefined): ConfigDict {
  return scoped(dict, scope, true) as ConfigDict;
}

function scoped(value: PyValue, scope: string | undefined, isOutermost: boolean): PyValue {
  if (Array.isArray(value)) return value.map((item) => scoped(item, scope, isOutermost));
  if (value instanceof PyTuple) return new PyTuple(value.items.map((item) => scoped(item, scope, isOutermost)));
  if (!(value instanceof PyDict)) return value;
  const hasType = isOutermost && value.has('type');
  const marked = new ConfigDict();
  marked.scope = scope ?? null;
  for (const entry of value.entries())
    marked.put({ ...entry, value: scoped(entry.value, scope, isOutermost && !hasType) });
  if (hasType && scope !== undefined && (value.get('_scope_') ?? null) === null)
    marked.set('_scope_', scope, value.entry('type')?.site);
  return marked;
}
