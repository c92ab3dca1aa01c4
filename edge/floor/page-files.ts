import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';

export interface PageFile {
  readonly bytes: Buffer;
  readonly type: string;
  /** Its name carries a hash of its content. */
  readonly immutable: boolean;
}

export interface PageFiles {
  readonly count: number;
  /** @param path below the folder; '' is the page itself */
  read(path: string): Promise<PageFile | undefined>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

/**
 * The built floor page. Only files that were there at the start are served, so that no path leads
 * out of the folder.
 */
export async function openPageFiles(folder: string): Promise<PageFiles> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = new Set(
    entries
      .filter((entry) => entry.isFile() && types[extname(entry.name)] !== undefined)
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')),
  );
  return {
    count: files.size,
    async read(path) {
      const wanted = path === '' ? 'index.html' : path;
      const type = types[extname(wanted)];
      if (!files.has(wanted) || type === undefined) return undefined;
      const bytes = await readFile(join(folder, wanted)).catch(() => undefined);
      return bytes && { bytes, type, immutable: wanted.startsWith('assets/') };
    },
  };
}
