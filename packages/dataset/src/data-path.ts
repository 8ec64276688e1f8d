/** True for paths that a root does not apply to: absolute ones and URIs. */
export function isAbsolutePath(path: string): boolean {
  return (
    path.startsWith('/') ||
    path.startsWith('\\') ||
    /^[A-Za-z]:[\\/]/.test(path) ||
    /^[a-z][a-z0-9+.-]*:\/\//i.test(path)
  );
}

/** `path` below `root` (a folder or URI); an absolute path stays, an empty root changes nothing, an empty path gives `root/`. */
export function joinPath(root: string, path: string): string {
  if (root === '' || isAbsolutePath(path)) return path;
  return `${root.replace(/\/+$/, '')}/${path.replace(/^\.\//, '')}`;
}
