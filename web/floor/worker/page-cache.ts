/** What the page is made of, and which build of it: written into the worker when it is built. */
export interface PageShell {
  /** Hash of all files: another build, another cache. */
  readonly version: string;
  /** Paths of the origin, the page itself first. */
  readonly files: readonly string[];
}

export type Answering = 'page' | 'file' | 'none';

/**
 * Which requests the worker answers: the page and its files. All else, above all the gateway's API,
 * goes its way untouched and is never kept.
 */
export function answering(
  shell: PageShell,
  request: { readonly method: string; readonly mode: string; readonly url: string },
  origin: string,
): Answering {
  const url = new URL(request.url);
  const [page = '/floor/'] = shell.files;
  if (request.method !== 'GET' || url.origin !== origin) return 'none';
  if (request.mode === 'navigate') return url.pathname === page ? 'page' : 'none';
  return url.pathname !== page && shell.files.includes(url.pathname) ? 'file' : 'none';
}

const cachePrefix = 'holdfast-floor-';

export function cacheName({ version }: PageShell): string {
  return `${cachePrefix}${version}`;
}

/** Caches of other builds. */
export function outdated(names: readonly string[], shell: PageShell): readonly string[] {
  return names.filter((name) => name.startsWith(cachePrefix) && name !== cacheName(shell));
}
