import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

const marker = '__FLOOR_SHELL__';

/** Where the worker lies: above all that it may answer for. */
export const workerFile = 'worker.js';

/**
 * Writes into the worker which files the page is made of. Their names carry hashes of what is in
 * them, so that the version changes with any of them, and with the page.
 */
export function workerPlugin(base: string): Plugin {
  return {
    name: 'holdfast-floor-worker',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const worker = bundle[workerFile];
        if (worker?.type !== 'chunk') this.error(`${workerFile} is not in the build`);
        const names = Object.keys(bundle)
          .filter((name) => name.startsWith('assets/'))
          .sort();
        const page = bundle['index.html'];
        const html = page?.type === 'asset' ? String(page.source) : '';
        if (html === '' || names.length === 0) this.error('the page is not in the build');
        const hash = createHash('sha256').update(html).update(names.join('\n'));
        const files = [base, ...names.map((name) => base + name)];
        const shell = JSON.stringify({ version: hash.digest('hex').slice(0, 16), files });
        if (!worker.code.includes(marker)) this.error('the worker has no place for the files');
        worker.code = worker.code.replaceAll(marker, shell);
      },
    },
  };
}
